{% macro cents_to_euros(column_name, scale=2) -%}
    cast({{ column_name }} / 100.0 as numeric(12, {{ scale }}))
{%- endmacro %}

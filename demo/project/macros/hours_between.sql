{% macro hours_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) / 3600.0 as numeric(12, 2))
{%- endmacro %}

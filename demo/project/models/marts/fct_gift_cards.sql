{{ config(enabled=false) }}

select 1 as gift_card_id

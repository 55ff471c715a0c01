create schema raw_shop;
create schema raw_roasting;
create schema raw_courier;

create table raw_shop.customers (
    customer_id integer, full_name varchar, email varchar, postcode varchar, signed_up_at timestamp, _loaded_at timestamp
);
create table raw_shop.orders (
    order_id integer, customer_id integer, subscription_id integer, status varchar, channel varchar,
    placed_at timestamp, _loaded_at timestamp
);
create table raw_shop.order_items_v2 (
    line_id integer, order_id integer, sku varchar, quantity integer, unit_price_cents integer,
    discount_cents integer, _loaded_at timestamp
);
create table raw_shop.payments (
    payment_id integer, order_id integer, method varchar, amount_cents integer, paid_at timestamp, _loaded_at timestamp
);
create table raw_shop.subscriptions (
    subscription_id integer, customer_id integer, plan varchar, status varchar, price_cents integer,
    started_on date, ended_on date, updated_at timestamp, _loaded_at timestamp
);
create table raw_roasting.green_lots (
    lot_id integer, origin_country varchar, farm varchar, process varchar, weight_kg integer,
    price_per_kg numeric(8, 2), received_on date
);
create table raw_roasting.roast_batches (
    batch_id integer, lot_id integer, roast_level varchar, green_kg numeric(8, 2), roasted_kg numeric(8, 2),
    roasted_at timestamp, _loaded_at timestamp
);
create table raw_roasting.cuppings (
    cupping_id integer, batch_id integer, taster varchar, score numeric(5, 2), cupped_at timestamp, _loaded_at timestamp
);
create table raw_courier.parcel_events (
    event_id integer, order_id integer, event varchar, happened_at varchar, _loaded_at timestamp
);

insert into raw_roasting.green_lots values
    (1, 'Ethiopia', 'Guji Uraga', 'washed', 900, 7.80, '2026-09-01'),
    (2, 'Colombia', 'Finca El Mirador', 'washed', 1200, 6.40, '2026-09-08'),
    (3, 'Brazil', 'Fazenda Rainha', 'natural', 1800, 5.10, '2026-09-15'),
    (4, 'Rwanda', 'Nyamasheke', 'washed', 600, 7.20, '2026-10-02');

update raw_shop.orders set customer_id = 1 where customer_id = 900001;

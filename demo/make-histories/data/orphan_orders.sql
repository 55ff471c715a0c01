-- Two orders whose customers were deleted in the shop.
update raw_shop.orders set customer_id = 900001 where order_id in (14, 26);

update raw_shop.orders set status = 'shipped' where status = 'held_at_customs';

update raw_shop.payments set method = 'wallet' where method is null;

update raw_shop.subscriptions set status = 'paused', updated_at = '$day 04:45:00' where subscription_id = 2;

-- What came before a result whose predecessors retention has removed is what the last change of status says.
create or replace function dbt_store.status_change_of(scope integer, node bigint, since timestamptz, until timestamptz)
returns setof dbt_store.status_change
language sql stable as $$
  select scope, node, executed_at, run_id, step, from_status, from_class, status, class
  from (
    select r.executed_at, r.run_id, r.step, r.status, r.class, lag(r.status, 1, b.status) over consecutive as from_status,
      lag(r.class, 1, b.class) over consecutive as from_class
    from dbt_store.state_result r
    left join (
      select * from (
        (select p.status, p.class, p.executed_at as at, true as is_there
        from dbt_store.state_result p
        where p.integration_id = scope and p.node_id = node and p.executed_at < since and p.class <> 'none'
          and p.executed_at >= (
            select date_trunc('milliseconds', l.executed_at) from dbt_store.state_result l
            where l.integration_id = scope and l.node_id = node and l.executed_at < since and l.class <> 'none'
            order by l.executed_at desc limit 1)
        order by dbt_store.run_order(p.run_id) desc, p.run_id desc, p.step desc limit 1)
        union all
        (select c.to_status, c.to_class, c.changed_at, false
        from dbt_store.status_change c
        where c.integration_id = scope and c.node_id = node and c.changed_at < since
        order by c.changed_at desc, dbt_store.run_order(c.run_id) desc, c.run_id desc, c.step desc limit 1)
        union all
        -- Where nothing is left and nothing had changed before, what the next change says that it was.
        (select c.from_status, c.from_class, '-infinity'::timestamptz, false
        from dbt_store.status_change c
        join dbt_store.integration i on i.integration_id = scope and i.counted_since is not null
        where c.integration_id = scope and c.node_id = node and c.changed_at >= since
        order by c.changed_at, dbt_store.run_order(c.run_id), c.run_id, c.step limit 1)
      ) known order by date_trunc('milliseconds', at) desc, is_there desc limit 1) b on true
    where r.integration_id = scope and r.node_id = node and r.class <> 'none' and r.executed_at >= since
      and date_trunc('milliseconds', r.executed_at) <= until
    window consecutive as (
      order by date_trunc('milliseconds', r.executed_at), dbt_store.run_order(r.run_id), r.run_id, r.step)
  ) paired
  where class is distinct from from_class and (from_class is not null or class in ('fail', 'error'))
$$;

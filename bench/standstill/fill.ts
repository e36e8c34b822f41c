import { DatabaseSync } from "node:sqlite";

/** What the tables hold beside accounts and sessions: so many rows of each, as a long life of the product leaves them. */
export function fillTables(file: string, rows: number, nowMillis: number): void {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  db.exec("pragma cache_size = -400000; pragma synchronous = off");
  const numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)";
  const each = (sql: string, ...values: (string | number)[]) =>
    db.prepare(sql.replace("#", numbers)).run(...[rows, ...values]);
  db.exec(`
    update users set is_staff = 1 where id % 1000 = 7;
    update users set is_superuser = 1 where id = 7;
    update users set is_active = 0 where id % 50 = 3;
    insert into groups (id, name) values (1, 'many');
    insert into user_groups (user_id, group_id) select id, 1 from users where id % 10 < 9;
  `);
  each(
    `insert into audit_entries (at, actor_id, actor, action, target_kind, target_id, target, before, after, request_id)
     # select ? - i, i % 997, 'staff', 'user.change', case i when 1 then 'system' else 'user' end, i, 'somebody',
       '{"first_name":"a"}', '{"first_name":"b"}', 'r-1' from n`,
    nowMillis,
  );
  each(
    `insert into jobs (id, name, payload, state, attempts, created_at, due_at, finished_at)
     # select 'job-' || i, 'verification-mail', '{"codeId":"x","email":"someone@example.com","purpose":"register"}',
       case when i <= 9000 then 'dead' else 'done' end, 1, ?, 0, ? from n`,
    nowMillis,
    nowMillis,
  );
  each(
    `insert into mails (mail_id, to_address, to_key, kind, state, words, created_at, updated_at)
     # select 'mail-' || i, 'someone' || i || '@example.com', 'someone' || i || '@example.com', 'register',
       case i when 5 then 'bounced' else 'accepted' end, '250 ok', ?, ? from n`,
    nowMillis,
    nowMillis,
  );
  each(
    "insert into kv_entries (entry_key, value, expires_at) # select 'limit:{' || i || '}:codes', '1', ? from n",
    nowMillis + 3_600_000,
  );
  db.exec("analyze; pragma wal_checkpoint(truncate)");
  db.close();
}

/** What a run uses up: a group that has everybody, and rows whose time is over, a twentieth of the tables. */
export function fillUp(file: string, rows: number, nowMillis: number): void {
  const db = new DatabaseSync(file, { timeout: 60_000 });
  db.exec("insert into groups (id, name) values (2, 'everybody') on conflict do nothing");
  db.exec("insert or ignore into user_groups (user_id, group_id) select id, 2 from users");
  const old = nowMillis - 40 * 86_400_000;
  const part = Math.ceil(rows / 20);
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${part})`;
  db.exec(`
    insert or ignore into sessions (id, user_id, credentials_version, way, user_agent, network, created_at, last_seen_at, expires_at)
      ${numbers} select lower(hex(randomblob(11))), 1 + abs(random() % ${rows}), 0, 'password', '', '', ${old}, ${old}, ${old} from n;
    insert into kv_entries (entry_key, value, expires_at) ${numbers} select hex(randomblob(16)), '1', ${old} from n;
    insert into used_codes (code_id, expires_at) ${numbers} select hex(randomblob(16)), ${old} from n;
    insert or ignore into known_devices (user_id, device_key, credentials_version, first_seen_at, last_seen_at)
      ${numbers} select 1 + abs(random() % ${rows}), hex(randomblob(11)), 0, ${old}, ${old - 180 * 86_400_000} from n;
    insert into jobs (id, name, payload, state, created_at, due_at, finished_at)
      ${numbers} select hex(randomblob(16)), 'x', '{}', 'done', ${old}, 0, ${old} from n;
    pragma wal_checkpoint(truncate);
  `);
  db.close();
}

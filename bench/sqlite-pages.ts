import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { readAmount, readOptions } from "../scripts/read-options.ts";
import { median } from "./figures.ts";
import { randomNumbers } from "./random-numbers.ts";
import { useScratchFolder } from "./scratch-folder.ts";

/**
 * What a read of an account with its session costs where SQLite copies pages into its cache, has a larger cache, or maps the file:
 * beside another connection that commits before every 32 reads, and beside none. Tables alone, no product: docs/adr/0003 has what
 * was chosen by it.
 */
const given = readOptions("node bench/sqlite-pages.ts [--rows 1000000] [--rounds 16]", {
  rows: { type: "string", default: "1000000" },
  rounds: { type: "string", default: "16" },
});
const rows = readAmount("--rows", given.rows, { whole: true });
const rounds = readAmount("--rounds", given.rounds, { whole: true });
const [batches, batch] = [120, 32];
const ways = {
  "a cache of 16 MB": "cache_size = -16000",
  "a cache of 256 MB": "cache_size = -256000",
  "mapped, 1 GiB": "cache_size = -16000; pragma mmap_size = 1073741824",
};

const file = join(useScratchFolder(), "pages.sqlite3");
const writer = open(ways["a cache of 16 MB"]);
fill();
const change = writer.prepare("update sessions set counter = counter + 1 where id = ?");
const readers = Object.entries(ways).map(([way, pragma]) => {
  const connection = open(pragma);
  return { way, connection, read: connection.prepare(readSql()) };
});
const pick = randomNumbers(20_261_201, rows);
for (const writes of [true, false]) {
  const micros = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const reader of round % 2 === 0 ? readers : readers.toReversed())
      micros.set(reader.way, [...(micros.get(reader.way) ?? []), oneRound(reader, writes)]);
  }
  process.stdout.write(writes ? `beside a commit every ${batch} reads, CPU µs a read:\n` : "beside none:\n");
  for (const [way, all] of micros) process.stdout.write(`  ${way}: ${median(all).toFixed(1)}\n`);
}

function open(pragma: string): DatabaseSync {
  const connection = new DatabaseSync(file);
  connection.exec(`pragma journal_mode = wal; pragma synchronous = normal; pragma ${pragma}`);
  return connection;
}

/** In no order, as the product's are. */
function idOf(n: number): string {
  return ((n * 2_654_435_761) % 2 ** 32).toString(36).padStart(22, "0");
}

function fill(): void {
  writer.exec(`create table users (id integer primary key, username text, email text, password_hash text);
    create table sessions (id text not null primary key, user_id integer not null, user_agent text, expires_at integer, counter integer);
    create index sessions_user on sessions (user_id, expires_at); begin`);
  const addUser = writer.prepare("insert into users values (?, ?, ?, ?)");
  const addSession = writer.prepare("insert into sessions values (?, ?, ?, ?, 0)");
  for (let n = 1; n <= rows; n++) {
    addUser.run(n, `user_${n}`, `user_${n}@example.com`, "h".repeat(97));
    addSession.run(idOf(n), n, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", 1e12 + n);
  }
  writer.exec("commit; pragma wal_checkpoint(truncate)");
}

function readSql(): string {
  return `select users.*, sessions.id as session_id from users left join sessions
    on sessions.user_id = users.id and sessions.id = ? and sessions.expires_at > ? where users.id = ?`;
}

/** CPU microseconds of this thread for a read; the reads of a batch share a view, as those of a turn do. */
function oneRound(
  { connection, read }: { readonly connection: DatabaseSync; readonly read: StatementSync },
  writes: boolean,
): number {
  let spent = 0;
  for (let n = 0; n < batches; n++) {
    const asked = Array.from({ length: batch }, pick);
    if (writes) {
      writer.exec("begin immediate");
      for (const one of asked) change.run(idOf(one));
      writer.exec("commit");
    }
    const before = process.threadCpuUsage();
    connection.exec("begin");
    for (const one of asked) read.get(idOf(one), 1, one);
    connection.exec("commit");
    const { user, system } = process.threadCpuUsage(before);
    spent += user + system;
  }
  return spent / (batches * batch);
}

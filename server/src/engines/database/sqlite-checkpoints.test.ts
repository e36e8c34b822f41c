import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitUntil } from "../../../test/support/product-process.ts";
import { systemClock } from "../../kernel/clock.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";
import { callAt, createCheckpoints, tellsLength, threadFailsAt } from "./sqlite-checkpoints.ts";

let folder: string;
let file: string;
let db: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-checkpoints-"));
  file = join(folder, "accounts.sqlite");
  db = openSqlite(file);
  await migrate(db, systemClock);
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

function lengthOf(path: string): { log: number; checkpointed: number } {
  const other = new DatabaseSync(path);
  const found = other.prepare("pragma wal_checkpoint(noop)").get() as { log: number; checkpointed: number };
  other.close();
  return found;
}

/** A value of about a page in each of so many commits. */
async function commits(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const row = { entry_key: `key${n}`, value: "x".repeat(3500), expires_at: 1 };
    await db.kysely.insertInto("kv_entries").values(row).execute();
  }
}

test.runIf(tellsLength)(
  "a long WAL is taken into the file, by no commit",
  async () => {
    await commits(callAt / 2);
    // What it held then is in the file, however much came since; the schema's own pages make it begin sooner.
    await waitUntil(() => statSync(file).size > (callAt / 4) * 4096, 30, "a checkpoint");
    expect(lengthOf(file).log).toBeLessThan(threadFailsAt);
    const kept = await db.kysely.selectFrom("kv_entries").select("entry_key").execute();
    expect(kept.length).toBe(callAt / 2);
  },
  60_000,
);

test.runIf(tellsLength)(
  "closing ends the thread, and leaves one file",
  async () => {
    await commits(callAt / 2);
    await db.close();
    expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([true, false]);
    db = openSqlite(file);
  },
  60_000,
);

test.runIf(tellsLength)(
  "what a thread could not do the next one does",
  async () => {
    await db.close();
    const writer = new DatabaseSync(file);
    writer.exec("pragma wal_autocheckpoint = 0; create table t (v); begin");
    const insert = writer.prepare("insert into t values (?)");
    for (let n = 0; n < callAt + 100; n++) insert.run("x".repeat(4000));
    writer.exec("commit");
    const nowhere = createCheckpoints(join(folder, "nowhere", "else.sqlite"), writer);
    for (let n = 0; n < 16; n++) nowhere.committed();
    await nowhere.stop();
    expect(lengthOf(file).checkpointed).toBe(0);
    const checkpoints = createCheckpoints(file, writer);
    for (let n = 0; n < 16; n++) checkpoints.committed();
    await waitUntil(() => statSync(file).size > callAt * 4096, 30, "a checkpoint");
    // All of it is in the file: the one page is the thread's own, so that no commit here has to begin the WAL anew.
    await waitUntil(() => lengthOf(file).log === 1, 30, "a WAL that begins anew");
    await checkpoints.stop();
    writer.close();
    db = openSqlite(file);
  },
  60_000,
);

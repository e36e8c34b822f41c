import type { Clock } from "../../kernel/clock.ts";
import { randomId } from "../../kernel/ids.ts";
import type { Db } from "../database/database.ts";
import { insertJob } from "./job-store.ts";
import type { EnqueueOptions, JobKind, Jobs } from "./jobs.ts";

/** Jobs for who has a database and no queue, a command: rows that whoever serves the site finds and does. */
export function createOutbox({ db, clock }: { readonly db: Db; readonly clock: Clock }): Jobs {
  async function insert(target: Db, { name }: JobKind, payload: unknown, options: EnqueueOptions = {}) {
    const now = clock.now();
    await target.first(insertJob, {
      ...{ id: options.id ?? randomId(), name, payload: JSON.stringify(payload), createdAt: now },
      dueAt: options.delaySeconds ? now + options.delaySeconds * 1000 : 0,
      deadlineAt: options.deadlineAt ?? null,
    });
  }
  return {
    enqueue: (kind, payload, options) => insert(db, kind as never, payload, options),
    enqueueWith: (transaction, kind, payload, options) =>
      insert(transaction, kind as never, payload, options),
  };
}

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Db } from "../../src/engines/database/database.ts";
import {
  type JobDefinition,
  type Jobs,
  type JobsAdmin,
  PermanentFailure,
} from "../../src/engines/jobs/jobs.ts";
import { emptyJob, testMail } from "../support/test-jobs.ts";

/** An implementation under test, with handlers that the test steers. */
export interface JobsUnderTest {
  readonly jobs: Jobs;
  readonly admin: JobsAdmin;
  readonly db: Db;
  /** Makes waiting times pass, then runs everything that is due, to the end. */
  settle(elapsedSeconds?: number): Promise<void>;
  /** One round of the maintenance, where two dead letters are kept. */
  purge(): Promise<void>;
  now(): number;
  close(): Promise<void>;
}

type Handler = JobDefinition<typeof testMail.payload>["handler"];

/** What every implementation of the jobs contract promises. */
export function jobsContract(
  name: string,
  open: (definitions: JobDefinition[]) => Promise<JobsUnderTest>,
): void {
  describe(name, () => {
    let held: JobsUnderTest;
    let ran: { to: string; attempt: number; id: string }[];
    let behave: Handler;

    beforeEach(async () => {
      ran = [];
      behave = async () => {};
      const definition: JobDefinition<typeof testMail.payload> = {
        ...testMail,
        attempts: 3,
        backoffSeconds: 2,
        backoffLimitSeconds: 60,
        async handler(payload, run) {
          ran.push({ to: payload.to, attempt: run.attempt, id: run.id });
          await behave(payload, run);
        },
      };
      held = await open([definition]);
    });
    afterEach(() => held?.close());

    test("an enqueued job runs once with its payload", async () => {
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id: "one" });
      await held.settle();
      await held.settle(600);
      expect(ran).toEqual([{ to: "a@example.com", attempt: 1, id: "one" }]);
      expect(await held.admin.counts()).toMatchObject({ waiting: 0, running: 0, dead: 0 });
    });

    test("a failing job is retried after its back-off and not before", async () => {
      behave = async (_, run) => {
        if (run.attempt < 3) throw new Error("421 try later");
      };
      await held.jobs.enqueue(testMail, { to: "a@example.com" });
      await held.settle();
      expect(ran.map((run) => run.attempt)).toEqual([1]);
      await held.settle(2);
      expect(ran.map((run) => run.attempt)).toEqual([1, 2]);
      await held.settle(1);
      expect(ran.map((run) => run.attempt)).toEqual([1, 2]);
      await held.settle(3);
      expect(ran.map((run) => run.attempt)).toEqual([1, 2, 3]);
      expect((await held.admin.counts()).dead).toBe(0);
    });

    test("a job that keeps failing becomes a dead letter; the operator lists it masked and retries it", async () => {
      behave = async () => {
        throw new Error("550 <someone@example.com> unknown");
      };
      await held.jobs.enqueue(testMail, { to: "someone@example.com" }, { id: "dead-one" });
      for (let i = 0; i < 5; i++) await held.settle(600);
      expect(ran).toHaveLength(3);
      const [letter, ...others] = await held.admin.list({ state: "dead", limit: 10 });
      expect(others).toEqual([]);
      expect(letter).toMatchObject({
        id: "dead-one",
        name: "test.mail",
        state: "dead",
        attempts: 3,
        payload: { to: "s***@example.com" },
      });
      expect(letter?.lastError).toContain("550 <s***@example.com> unknown");
      expect(JSON.stringify(letter)).not.toContain("someone@");
      expect(await held.admin.show("dead-one")).toEqual(letter);

      behave = async () => {};
      expect(await held.admin.retry("dead-one")).toBe(1);
      await held.settle();
      expect(ran).toHaveLength(4);
      expect((await held.admin.counts()).dead).toBe(0);
    });

    test("the operator reads jobs page by page", async () => {
      behave = async () => {
        throw new PermanentFailure("no such mailbox");
      };
      for (const id of ["a", "b", "c"]) {
        await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id });
        await held.settle(60);
      }
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id: "late", delaySeconds: 3600 });
      const page = async (skip: number, state?: "dead") =>
        (await held.admin.list({ limit: 2, skip, ...(state && { state }) })).map(({ id }) => id);
      expect([await page(0, "dead"), await page(2, "dead"), await page(4, "dead")]).toEqual([
        ["c", "b"],
        ["a"],
        [],
      ]);
      expect((await Promise.all([0, 2, 4].map((skip) => page(skip)))).flat()).toEqual([
        "late",
        "c",
        "b",
        "a",
      ]);
    });

    test("a permanent failure is a dead letter at once", async () => {
      behave = async () => {
        throw new PermanentFailure("no such mailbox");
      };
      await held.jobs.enqueue(testMail, { to: "a@example.com" });
      for (let i = 0; i < 3; i++) await held.settle(600);
      expect(ran).toHaveLength(1);
      expect((await held.admin.counts()).dead).toBe(1);
    });

    test("dead letters go after their time and the oldest of too many at once, though nothing else fails", async () => {
      behave = async () => {
        throw new PermanentFailure("no such mailbox");
      };
      const dead = async () =>
        (await held.admin.list({ state: "dead", limit: 10 })).map(({ id }) => id).sort();
      for (const id of ["a", "b", "c"]) {
        await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id });
        await held.settle();
        await held.settle(3600);
      }
      expect(await dead()).toEqual(["a", "b", "c"]);
      await held.purge();
      expect(await dead()).toEqual(["b", "c"]);
      await held.settle(14 * 24 * 3600 - 2 * 3600 + 600);
      await held.purge();
      expect(await dead()).toEqual(["c"]);
      await held.settle(3600);
      await held.purge();
      expect(await dead()).toEqual([]);
    });

    test("retries stop at the deadline", async () => {
      behave = async () => {
        throw new Error("421 try later");
      };
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { deadlineAt: held.now() + 1500 });
      await held.settle();
      for (let i = 0; i < 3; i++) await held.settle(600);
      expect(ran).toHaveLength(1);
      expect((await held.admin.counts()).dead).toBe(1);
    });

    test("a job whose deadline has passed before its first run is a dead letter and never runs", async () => {
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { deadlineAt: held.now() - 1 });
      await held.settle();
      expect(ran).toEqual([]);
      expect((await held.admin.counts()).dead).toBe(1);
    });

    test("a second enqueue with the same id is ignored", async () => {
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id: "same" });
      await held.jobs.enqueue(testMail, { to: "b@example.com" }, { id: "same" });
      await held.settle();
      await held.jobs.enqueue(testMail, { to: "c@example.com" }, { id: "same" });
      await held.settle();
      expect(ran.map((run) => run.to)).toEqual(["a@example.com"]);
    });

    test("a delayed job waits for its time", async () => {
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { delaySeconds: 30 });
      await held.settle();
      expect(ran).toEqual([]);
      await held.settle(31);
      expect(ran).toHaveLength(1);
    });

    test("enqueueWith: exists if and only if the transaction commits", async () => {
      await expect(
        held.db.transaction(async (transaction) => {
          await held.jobs.enqueueWith(transaction, testMail, { to: "rolled@example.com" });
          throw new Error("rolled back");
        }),
      ).rejects.toThrow("rolled back");
      await held.db.transaction((transaction) =>
        held.jobs.enqueueWith(transaction, testMail, { to: "kept@example.com" }),
      );
      await held.settle();
      expect(ran.map((run) => run.to)).toEqual(["kept@example.com"]);
    });

    test("an unknown name or a payload that doesn't fit is refused before anything is kept", async () => {
      await expect(held.jobs.enqueue(emptyJob("test.unknown"), {})).rejects.toThrow(
        'no job is named "test.unknown"',
      );
      await expect(held.jobs.enqueue(testMail, { to: 5, secret: "hunter2" } as never)).rejects.toThrow(
        TypeError,
      );
      await expect(held.jobs.enqueue(testMail, { to: 5, secret: "hunter2" } as never)).rejects.not.toThrow(
        /hunter2/,
      );
      expect(await held.admin.list({ limit: 10 })).toEqual([]);
    });

    test("forget removes what is about somebody, whatever became of it, and nothing of others", async () => {
      behave = async (payload) => {
        if ((payload as { to: string }).to === "dead@example.com") throw new PermanentFailure("no");
      };
      for (const to of ["a@example.com", "b@example.com", "dead@example.com"]) {
        await held.jobs.enqueue(testMail, { to });
      }
      await held.settle();
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { delaySeconds: 60 });
      const theirs = new Set(["a@example.com", "dead@example.com"]);
      const isTheirs = (payload: unknown) => theirs.has((payload as { to: string }).to);
      expect(await held.admin.forget(isTheirs)).toBe(3);
      const left = await held.admin.list({ limit: 10, matching: isTheirs });
      expect(left).toEqual([]);
      expect(await held.admin.list({ limit: 10 })).toHaveLength(1);
    });

    test("discard removes one that waits or is dead, and no other", async () => {
      behave = async (payload) => {
        if (payload.to === "a@example.com") throw new PermanentFailure("no");
      };
      await held.jobs.enqueue(testMail, { to: "a@example.com" }, { id: "is-dead" });
      await held.jobs.enqueue(testMail, { to: "c@example.com" }, { id: "is-done" });
      await held.settle();
      await held.jobs.enqueue(testMail, { to: "b@example.com" }, { delaySeconds: 60, id: "waits" });
      const discarded = ["is-dead", "waits", "is-done", "nobodys"].map((id) => held.admin.discard(id));
      expect(await Promise.all(discarded)).toEqual([1, 1, 0, 0]);
      expect((await held.admin.list({ limit: 10 })).map(({ id }) => id)).toEqual(["is-done"]);
    });

    test("drain removes waiting jobs and dead letters", async () => {
      behave = async () => {
        throw new PermanentFailure("no");
      };
      await held.jobs.enqueue(testMail, { to: "a@example.com" });
      await held.settle();
      await held.jobs.enqueue(testMail, { to: "b@example.com" }, { delaySeconds: 60 });
      expect(await held.admin.drain()).toBe(2);
      expect(await held.admin.list({ limit: 10 })).toEqual([]);
      await held.settle(600);
      expect(ran).toHaveLength(1);
    });
  });
}

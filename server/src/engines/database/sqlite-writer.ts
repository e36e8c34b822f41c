import type { DatabaseSync, StatementSync } from "node:sqlite";
import { whenUnlocked } from "./sqlite-lock.ts";

/** Of a commit; by then it costs each of them next to nothing. */
const mostMembers = 64;

/**
 * The one writer of a SQLite database, with group commit. Promise: whatever `run` resolved is committed; what
 * a rejected one wrote is gone, whoever shared its commit.
 *
 * A commit costs as much as several statements (measured: half of a code request), so the writes of one turn
 * of the event loop share one transaction: the first begins it, each further one runs in a savepoint of its
 * own, and all resolve when it is committed at the end of the turn. The lock is never held longer than that
 * turn and the member under way. PostgreSQL does the same inside (commit_delay). A turn that goes on and on, as under
 * overload, commits some at a time, or the first of it would wait for the last.
 */
export class SqliteWriter {
  readonly #connection: DatabaseSync;
  readonly #queue = new Queue();
  readonly #statements = new Map<string, StatementSync>();
  readonly #committed: () => void;
  #group: Group | null = null;

  /** `committed` is called after each commit. */
  constructor(connection: DatabaseSync, committed: () => void = () => {}) {
    this.#connection = connection;
    this.#committed = committed;
  }

  /** Members and readers waiting for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * Runs `work` alone on the connection and resolves after the commit. `savepoint` is needed where the work
   * is more than one statement; a single one that fails undoes itself.
   */
  async run<Result>(
    work: () => Result | Promise<Result>,
    { savepoint }: { savepoint: boolean },
  ): Promise<Result> {
    const since = performance.now();
    const release = await this.#queue.acquire();
    let group: Group;
    let result: Result;
    try {
      group = this.#group ?? (await this.#begin(since));
      result = await this.#member(group, work, savepoint);
    } finally {
      release();
    }
    await group.committed;
    return result;
  }

  /** Waits for the turn, commits what is open, and returns the function that gives the connection back. */
  async acquire(): Promise<() => void> {
    const release = await this.#queue.acquire();
    this.#commit();
    return release;
  }

  /** The one statement that waits for other processes: once it is through, the lock is ours until the commit. */
  async #begin(since: number): Promise<Group> {
    await whenUnlocked(() => this.#do("begin immediate"), since);
    const group = new Group();
    this.#group = group;
    // After the callbacks of this turn, so that their writes are in; behind the members that wait already.
    setImmediate(() => {
      void this.#queue.acquire().then((release) => {
        if (this.#group === group) this.#commit();
        release();
      });
    });
    return group;
  }

  async #member<Result>(
    group: Group,
    work: () => Result | Promise<Result>,
    savepoint: boolean,
  ): Promise<Result> {
    if (savepoint) this.#do("savepoint member");
    try {
      const result = await work();
      if (savepoint) this.#do("release member");
      if (++group.members >= mostMembers) this.#commit();
      return result;
    } catch (error) {
      if (!this.#connection.isTransaction) {
        // SQLite itself rolled everything back (disk full, I/O error): all who shared the commit lost theirs.
        this.#group = null;
        group.fail(error);
      } else if (savepoint) {
        this.#do("rollback to member");
        this.#do("release member");
      }
      throw error;
    }
  }

  #commit(): void {
    const group = this.#group;
    if (!group) return;
    this.#group = null;
    try {
      this.#do("commit");
      group.succeed();
      this.#committed();
    } catch (error) {
      if (this.#connection.isTransaction) this.#do("rollback");
      group.fail(error);
    }
  }

  #do(sql: string): void {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      prepared = this.#connection.prepare(sql);
      this.#statements.set(sql, prepared);
    }
    prepared.run();
  }
}

/** Those who share a commit. */
class Group {
  members = 0;
  readonly committed: Promise<void>;
  succeed: () => void = () => {};
  fail: (error: unknown) => void = () => {};

  constructor() {
    this.committed = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    // Nobody may be left unnotified: a member whose own work failed has thrown already.
    this.committed.catch(() => {});
  }
}

/** First come, first served; `acquire` resolves to the release function. */
class Queue {
  #last: Promise<void> | null = null;
  waiting = 0;

  async acquire(): Promise<() => void> {
    const previous = this.#last;
    let done = () => {};
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#last = mine;
    if (previous) {
      this.waiting += 1;
      await previous;
      this.waiting -= 1;
    }
    return () => {
      if (this.#last === mine) this.#last = null;
      done();
    };
  }
}

import type { Sample } from "../measure.ts";
import type { ProcessUnderTest } from "../process-under-test.ts";
import type { Engine } from "../stand.ts";
import type { Subject } from "../subjects.ts";

/** What each of them is asked. */
export const peerRows = {
  count: "user-name count",
  user: "profile with a token",
  code: "code request",
  login: "log-in",
} as const;
export type PeerRow = keyof typeof peerRows;

export type Asked = Pick<Subject, "requests" | "more" | "connections">;

/** One that is measured beside the others. */
export interface Contestant {
  readonly name: string;
  readonly server: ProcessUnderTest;
  readonly asked: Readonly<Partial<Record<PeerRow, Asked>>>;
}

/** Another program that answers the same questions, with a database of its own, filled likewise. */
export interface Peer extends Contestant {
  /** With versions, as the tables say it. */
  readonly made: string;
}

export interface PeerContext {
  /** An empty folder of its own. */
  readonly folder: string;
  /** Its own: `sqlite:<file>` or `postgres://…`. */
  readonly database: string;
  readonly core: number | null;
  /** Of its accounts, in this order, all with the benchmark's password. */
  readonly names: readonly string[];
  /** Those that requests ask for: half of them taken. */
  readonly asked: readonly string[];
  /** Numbers of the accounts that log in. */
  readonly logIns: readonly string[];
}

export interface PeersResult {
  readonly engine: Engine;
  readonly peers: readonly Pick<Peer, "name" | "made">[];
  /** By row and contestant, a sample for each round. */
  readonly rows: ReadonlyMap<PeerRow, ReadonlyMap<string, readonly Sample[]>>;
}

export const [ours, floor] = ["Meiduo Accounts", "the floor"] as const;

let codes = 0;

/** An address that nobody else asks a code for. */
export const nextAddress = () => `new_${++codes}@example.com`;
/** More than a core answers. */
export const mostCodesPerSecond = 8_000;

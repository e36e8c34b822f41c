import { executionAsyncResource } from "node:async_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Keeps the memory of starting from staying. V8 lets its young generation grow while modules load, and collects
 * only when something is allocated, so an idle process would hold both until its first busy hour.
 */
export function holdStartMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  keepTickShape();
}

/** What lives as long as the process. */
const kept: object[] = [];

/**
 * A collection while no process.nextTick waits makes V8 forget the shape of its entries. The code that makes them has
 * learnt that shape for good and from then on searches for each of their fields (measured: 0.8 in place of 0.12 us a
 * call, five calls a request). One entry that is kept keeps the shape.
 */
function keepTickShape(): void {
  process.nextTick(() => void kept.push(executionAsyncResource()));
}

/**
 * Once started: collects what starting left behind and lets the young generation grow with the load again, from 1 MB
 * to 8 MB in one step; where it ends is for `--max-semi-space-size` in NODE_OPTIONS to say (scripts/run.mjs). V8's
 * usual doubling stays at 2 MB under requests that leave nothing behind, and collects five times as often (measured: 10
 * against 2 collections of 0.4 ms per 1,000 user-name counts).
 */
export function releaseStartMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=8");
  collectGarbage();
}

/**
 * Collects now. For work that goes through far more data than it holds: V8 sees no reason to, while memory is free
 * on the machine (measured: an import holds 38 MB and lets 150 MB of garbage stand).
 */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

let collect: (() => void) | null = null;

function exposedCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const found = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return found;
}

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Keeps the memory of starting from staying. V8 lets its young generation grow while modules load, and collects
 * only when something is allocated, so an idle process would hold both until its first busy hour.
 */
export function holdStartMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** Once started: collects what starting left behind and lets the young generation grow with the load again. */
export function releaseStartMemory(): void {
  setFlagsFromString("--semi-space-growth-factor=2");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
}

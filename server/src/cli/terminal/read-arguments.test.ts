import { expect, it } from "vitest";
import { readArguments } from "./read-arguments.ts";

const options = { now: { type: "boolean" }, reason: { type: "string" } } as const;

it.each(["-FxmJ2h3Tq0aVb8sR1kZcw", "--xmJ2h3Tq0aVb8sR1kZcw", "-zbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"])(
  "an id that begins with a dash is one: %s",
  (id) => {
    const { values, positionals } = readArguments([id, "--now"], options, { min: 1, max: 1 });
    expect(positionals).toEqual([id]);
    expect(values.now).toBe(true);
  },
);

it.each(["-x", "--nothing", "-json", "--reasno=because it is so"])(
  "a mistyped option is said: %s",
  (typed) => {
    expect(() => readArguments([typed], options, { min: 0, max: 2 })).toThrow(/There is no option/);
  },
);

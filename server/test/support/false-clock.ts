/**
 * A run under a false clock (`npm test -- --clock +40d`, scripts/false-clock.ts): libfaketime, preloaded, tells every
 * program the wrong time. Programs that a test starts with an environment of their own have to be told too.
 */
const names = ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "TEST_CLOCK"];

/** What a program needs of the run's environment to be found, and to live in the run's time. */
export function bareEnvironment(): Record<string, string> {
  return Object.fromEntries(
    ["PATH", ...names].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );
}

/** The environment for what libfaketime breaks: Redis's allocator asks for the time before it is ready. */
export function realTime(): NodeJS.ProcessEnv {
  return { ...process.env, LD_PRELOAD: undefined };
}

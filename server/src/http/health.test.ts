import { expect, test } from "vitest";
import { sharedLook } from "./health.ts";

test("callers at once, and for two seconds, share one look", async () => {
  let time = 0;
  let looks = 0;
  const check = async () => {
    looks += 1;
  };
  const look = sharedLook(
    [{ name: "database", check }],
    () => {},
    () => time,
  );
  const answers = await Promise.all(Array.from({ length: 50 }, look));
  expect(answers).toEqual(Array(50).fill([["database", "ok"]]));
  time = 1999;
  await look();
  expect(looks).toBe(1);
  time = 2000;
  await Promise.all([look(), look()]);
  expect(looks).toBe(2);
});

test("a check that hangs is unavailable in time, not begun again, and well once it came back", async () => {
  let time = 0;
  let looks = 0;
  let comeBack = () => {};
  const check = () => {
    looks += 1;
    return new Promise<void>((resolve) => {
      comeBack = resolve;
    });
  };
  const told: string[] = [];
  const look = sharedLook(
    [{ name: "kv", check }],
    (name) => void told.push(name),
    () => time,
  );
  expect(await look()).toEqual([["kv", "unavailable"]]);
  for (time = 2000; time < 20_000; time += 2000) expect(await look()).toEqual([["kv", "unavailable"]]);
  expect(looks).toBe(1);
  expect(told).toHaveLength(10);
  comeBack();
  await new Promise(setImmediate);
  time += 2000;
  const last = look();
  comeBack();
  expect([await last, looks]).toEqual([[["kv", "ok"]], 2]);
});

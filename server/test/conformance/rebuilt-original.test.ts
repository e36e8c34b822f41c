import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { describeWhere, notTested } from "../support/not-tested.ts";
import { rebuiltOriginalMissing } from "../support/rebuilt-original.ts";
import { recordAnew } from "./rebuilt-record.ts";
import { rebuiltRecordings } from "./rebuilt-recordings.ts";

const file = readFileSync(rebuiltRecordings, "utf8");
const [what, ...lines] = file.trimEnd().split("\n");
const named = lines.map((line) => [(JSON.parse(line) as { name: string }).name, line] as const);

if (rebuiltOriginalMissing) notTested(rebuiltOriginalMissing);

describeWhere(rebuiltOriginalMissing === null)("the rebuild of the original", () => {
  let now: readonly string[];

  beforeAll(async () => {
    now = (await recordAnew(file)).trimEnd().split("\n");
  });

  it("has something to answer, each under a name of its own", () => {
    expect(lines.length).toBeGreaterThanOrEqual(383);
    expect(new Set(named.map(([name]) => name)).size).toBe(lines.length);
    expect(now).toHaveLength(lines.length + 1);
    expect(now[0]).toBe(what);
  });

  it.each(named.map(([name, line], at) => [name, line, at + 1] as const))(
    "answers as recorded: %s",
    (_, line, at) => {
      expect(JSON.parse(now[at]!)).toEqual(JSON.parse(line));
      expect(now[at]).toBe(line);
    },
  );

  it("answers a new question, and corrects an answer that isn't its own", async () => {
    const path = "/users/usernames/python01/count/";
    const wrong = { name: "wrong", request: { method: "GET", path }, response: { status: 404, text: "" } };
    const fresh = { name: "new", request: { method: "PUT", path } };
    const asked = [what, lines[0], JSON.stringify(wrong), JSON.stringify(fresh)].join("\n");
    const [, first, corrected, answered] = (await recordAnew(asked)).trimEnd().split("\n");
    expect(first).toBe(lines[0]);
    expect(JSON.parse(corrected!)).toEqual({
      ...wrong,
      response: { status: 200, json: { username: "python01", count: 1 } },
    });
    expect(JSON.parse(answered!)).toEqual({
      ...fresh,
      response: {
        status: 405,
        headers: { allow: "GET, HEAD, OPTIONS" },
        json: { detail: "方法 “PUT” 不被允许。" },
      },
    });
  });
});

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { rebuiltDeviations } from "./rebuilt-deviations.ts";
import { readRebuiltRecordings } from "./rebuilt-recordings.ts";
import { replayRebuilt } from "./rebuilt-replay.ts";
import { type Answer, differences } from "./recordings.ts";

const recordings = readRebuiltRecordings();
const explained = new Set(Object.values(rebuiltDeviations).flat());
let answers: Map<string, Answer>;

beforeAll(async () => {
  answers = await replayRebuilt(recordings);
});

/** As the fixture has our answers: without what is another at each run. */
function withoutVarying(text: string): unknown {
  const varying = ["token", "id", "user_id", "access_token", "bind_token"];
  return JSON.parse(text, (name, value: unknown) =>
    varying.includes(name) && !Array.isArray(value) ? "(varies)" : value,
  );
}

describe("what a rebuild of the original on Django 3.2 and DRF 3.14 answered", () => {
  it.each(recordings.map((recording) => [recording.name, recording] as const))("%s", (name, recording) => {
    const answer = answers.get(name)!;
    const found = differences(recording, answer);
    if (!explained.has(name)) {
      expect(found).toEqual([]);
      return;
    }
    const { status, body } = recording.ours!;
    expect(found, "no longer deviates: remove it from rebuilt-deviations.ts").not.toEqual([]);
    expect(answer.status).toBe(status);
    if (body === null) expect(answer.text).toBe("");
    else expect(withoutVarying(answer.text)).toEqual(body);
  });

  it("is all explained, once, and as the decision record says", () => {
    const names = Object.values(rebuiltDeviations).flat();
    expect(names.toSorted()).toEqual(recordings.flatMap(({ name, ours }) => (ours ? [name] : [])).toSorted());
    const record = readFileSync(
      new URL("../../../docs/adr/0002-deviations-from-the-original.md", import.meta.url),
      "utf8",
    ).replaceAll(/ +/g, " ");
    for (const [reason, [first]] of Object.entries(rebuiltDeviations))
      expect(record).toContain(`| ${first} | ${reason} |`);
  });
});

import { expect, test } from "vitest";
import { misfits } from "./check-payload.ts";
import Type from "./schema.ts";

const schema = Type.Object({
  to: Type.String(),
  at: Type.Integer(),
  language: Type.Enum(["zh", "en"]),
  tags: Type.Optional(Type.Array(Type.String())),
});
const fitting = { to: "someone@example.com", at: 1, language: "zh" };

test("a fitting payload has no misfits", () => {
  expect(misfits(schema, fitting)).toEqual([]);
  expect(misfits(schema, { ...fitting, tags: ["a"], more: 1 })).toEqual([]);
});

test("each misfit is named by its place, without the value", () => {
  const bad = { to: 12345, at: 1.5, language: "secret", tags: ["a", 2] };
  const found = misfits(schema, bad);
  expect(found).toEqual([
    "/to must be string",
    "/at must be integer",
    "/language must be one of zh, en",
    "/tags/1 must be string",
  ]);
  expect(found.join()).not.toMatch(/12345|secret/);
});

test.each([[null], ["text"], [[]], [undefined]])("%j is no payload", (payload) => {
  expect(misfits(schema, payload)).toEqual(["/ must be object"]);
});

test("what is required is asked for", () => {
  expect(misfits(schema, {})).toEqual(["/to is missing", "/at is missing", "/language is missing"]);
});

test("what a closed schema doesn't name is refused", () => {
  const closed = Type.Object({ to: Type.String() }, { additionalProperties: false });
  expect(misfits(closed, { to: "a", more: 1 })).toEqual(["/more is not known"]);
  expect(misfits(closed, { to: "a" })).toEqual([]);
});

test("a schema that asks for more than is checked is refused", () => {
  const longer = Type.Object({ to: Type.String({ minLength: 3 }) });
  expect(() => misfits(longer, fitting)).toThrow("minLength");
});

import { expect, test } from "vitest";
import Type from "./schema.ts";
import { compileAnswer } from "./write-answer.ts";

const Person = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  note: Type.Union([Type.String(), Type.Null()]),
  nick: Type.Optional(Type.String()),
});
const row = { id: 1, name: "一", note: null, password_hash: "argon2$secret" };

test("what the schema doesn't name is left out", () => {
  expect(compileAnswer(Person)(row)).toBe('{"id":1,"name":"一","note":null}');
});

test("also inside lists, maps and things that may be null", () => {
  const Page = Type.Object({
    people: Type.Array(Person),
    best: Type.Union([Person, Type.Null()]),
    byName: Type.Record(Type.String(), Person),
  });
  const write = compileAnswer(Page);
  const text = write({ people: [row, row], best: row, byName: { a: row }, secret: 1 });
  expect(text).not.toContain("secret");
  expect(JSON.parse(text)).toMatchObject({ people: [{ id: 1 }, { id: 1 }], best: { id: 1 } });
  expect(JSON.parse(write({ people: [], best: null, byName: {} }))).toEqual({
    people: [],
    best: null,
    byName: {},
  });
});

test("fields of any content pass as they are", () => {
  const Entry = Type.Object({ before: Type.Record(Type.String(), Type.Any()) });
  expect(compileAnswer(Entry)({ before: { a: [1, { b: null }] } })).toBe('{"before":{"a":[1,{"b":null}]}}');
});

test.each([
  ["a required field that is missing", { id: 1, note: null }, "/name"],
  ["no object at all", null, "/"],
  ["a list", [row], "/"],
  ["an object in a text's place", { ...row, name: { password_hash: "x" } }, "/name"],
  ["an object where text or null belongs", { ...row, note: { password_hash: "x" } }, "/note"],
])("%s is a mistake of ours, not an answer", (_, answer, place) => {
  expect(() => compileAnswer(Person)(answer)).toThrow(place);
});

test("a schema without fields writes the answer whole", () => {
  expect(compileAnswer(Type.Any())({ a: 1 })).toBe('{"a":1}');
});

import TypeBox from "typebox";
import { expect, test } from "vitest";
import Type from "./schema.ts";

const made = (t: typeof Type) =>
  t.Object(
    {
      name: t.String({ minLength: 1, maxLength: 20 }),
      age: t.Optional(t.Integer({ minimum: 0 })),
      kind: t.Enum(["a", "b"]),
      note: t.Union([t.String(), t.Null()]),
      tags: t.Array(t.String(), { maxItems: 3 }),
      more: t.Record(t.String(), t.Any()),
      inner: t.Optional(t.Object({ ok: t.Boolean() })),
      empty: t.Object({ only: t.Optional(t.Boolean()) }),
    },
    { description: "d" },
  );

test("the builders return what TypeBox returns", () => {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
  expect(plain(made(Type))).toEqual(plain(made(TypeBox)));
  expect(JSON.stringify(made(Type))).toContain('"required":["name","kind","note","tags","more","empty"]');
});

test("an optional schema does not make the one it was made of optional", () => {
  const text = Type.String();
  Type.Optional(text);
  expect(Type.Object({ text })).toMatchObject({ required: ["text"] });
});

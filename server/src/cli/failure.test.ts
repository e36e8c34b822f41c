import { expect, it } from "vitest";
import { declareErrors, type FieldProblem, invalidFields } from "../errors/errors.ts";
import { toldText } from "./failure.ts";

it("tells every field's problem on a line of its own, also one that an embedding program declared", () => {
  const declared = {
    ...{ field: "shop", code: "shop_closed", parameters: { until: 9 } },
    texts: { zh: "{until} 点开门。", en: "It opens at {until}." },
  } as unknown as FieldProblem;
  const failure = invalidFields({ field: "username", code: "required" }, declared);
  expect(toldText(failure, "en")).toMatch(/^username: [^\n]+\nshop: It opens at 9\.$/);
  expect(toldText(failure, "zh")).toMatch(/^username: [^\n]+\nshop: 9 点开门。$/);
});

it("tells an error that an embedding program declared", () => {
  const fail = declareErrors({
    shop_closed: { status: 409, shape: "message", zh: "{until} 点开门。", en: "Shut." },
  });
  expect(toldText(fail("shop_closed", { parameters: { until: 9 } }), "zh")).toBe("9 点开门。");
});

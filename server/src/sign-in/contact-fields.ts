import { email } from "../accounts/email.ts";
import { mobile } from "../accounts/mobile.ts";
import { codeField } from "../codes/code.ts";
import type { FieldProblem } from "../errors/errors.ts";
import Type from "../kernel/schema/schema.ts";
import type { Contact } from "./proved-contact.ts";

/**
 * An address with its code, or a number with its code, as bodies have them: `email` and `email_code`, or `mobile` and
 * `sms_code`. A number that is there, and not empty, goes before; the other pair is not looked at then.
 */
export const contactFields = {
  email: Type.Optional(Type.String(email.person())),
  email_code: Type.Optional(Type.String(codeField)),
  mobile: Type.Optional(Type.String({ ...mobile.person(), allowBlank: true })),
  sms_code: Type.Optional(Type.String({ ...codeField, allowBlank: true })),
};

type Fields = Readonly<Record<string, unknown>>;
const pairs = { email: ["email", "email_code"], mobile: ["mobile", "sms_code"] } as const;

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "";

/** Which of the two a body is about. */
export function contactKindOf(body: unknown): Contact["kind"] {
  const given = typeof body === "object" && body !== null ? (body as Fields).mobile : undefined;
  return isGiven(given) ? "mobile" : "email";
}

/** What was found wrong in the pair that counts, with what of it is missing, and nothing of the other. */
export function contactProblems(
  kind: Contact["kind"],
  body: unknown,
  problems: readonly FieldProblem[],
): readonly FieldProblem[] {
  const others: readonly string[] = pairs[kind === "email" ? "mobile" : "email"];
  const sent = typeof body === "object" && body !== null ? (body as Fields) : {};
  const missing = pairs[kind].filter(
    (field) =>
      (kind === "email" ? sent[field] === undefined : !isGiven(sent[field])) &&
      !problems.some((problem) => problem.field === field),
  );
  return [
    ...problems.filter(({ field }) => !others.includes(field)),
    ...missing.map((field) => ({ field, code: "required" }) as const),
  ];
}

/** What the code was sent to, and the code, of a body in which nothing is wrong. */
export function contactIn(kind: Contact["kind"], fields: Fields): { contact: Contact; code: string } {
  const [to, code] = pairs[kind].map((field) => String(fields[field]));
  const normalize = kind === "email" ? email.normalize : mobile.normalize;
  return { contact: { kind, to: normalize(to!) }, code: code! };
}

/** Address and code that came beside a number; undefined where one of them is missing or wrong. */
export function emailBeside(kind: Contact["kind"], fields: Fields): ReturnType<typeof contactIn> | undefined {
  const isThere = kind === "mobile" && isGiven(fields.email) && isGiven(fields.email_code);
  return isThere ? contactIn("email", fields) : undefined;
}

/** In the order of the schema's fields, as the first of them is the answer's message. */
export function inOrder<Problem extends { field: string }>(
  problems: readonly Problem[],
  order: readonly string[],
): Problem[] {
  return problems.toSorted((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
}

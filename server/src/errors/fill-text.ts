/** What fills the `{name}` places of a text. */
export type TextValues = Readonly<Record<string, string | number>>;

/**
 * A text with each `{name}` replaced by the value of that name. A place without a value stays as it is, so that a
 * forgotten one is seen. Values are put in as they are: a `{name}` or `$&` within one is text.
 */
export function fillText(text: string, values: TextValues = {}): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    // Own properties only: {constructor} must not find Object's.
    Object.hasOwn(values, name) ? String(values[name]) : place,
  );
}

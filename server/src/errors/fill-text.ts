/** What fills the `{name}` places of a text. */
export type TextValues = Readonly<Record<string, string | number>>;

const place = /\{(\w+)\}/g;

/** The names of a text's places, each once. */
export function placesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(place)].map(([, name]) => name as string))];
}

/**
 * A text with each `{name}` replaced by the value of that name. A place without a value stays as it is, so that a
 * forgotten one is seen. Values are put in as they are: a `{name}` or `$&` within one is text.
 */
export function fillText(text: string, values: TextValues = {}): string {
  return text.replace(place, (place, name: string) =>
    // Own properties only: {constructor} must not find Object's.
    Object.hasOwn(values, name) ? String(values[name]) : place,
  );
}

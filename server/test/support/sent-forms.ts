/** A form by which the answer would be sent on by the browser, and whose button it has. */
export interface SentForm {
  readonly button: string;
  readonly address: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The forms of a page that the decision was answered with, where the provider sends people back by one. */
export function formsOf(page: string): SentForm[] {
  const written = (text: string) =>
    text.replace(/&#(\d+);/g, (_found, code: string) => String.fromCharCode(Number(code)));
  return [...page.matchAll(/<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map((form) => {
    const [, address = "", body = ""] = form;
    const inputs = [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    return {
      button: /data-testid="([^"]*)"/.exec(body)?.[1] ?? "",
      address: written(address),
      fields: Object.fromEntries(inputs.map(([, name = "", value = ""]) => [written(name), written(value)])),
    };
  });
}

import { parse } from "bowser";

/**
 * Browser and system of a User-Agent header, without any version: `Chrome/Windows`. Versions change every few weeks,
 * and would make a stranger of every device that was kept up to date. A program that is no browser is called by its
 * first product: `python-requests`. Empty where nothing can be told.
 */
export async function browserName(userAgent: string | undefined): Promise<string> {
  // Bounded, because it comes from strangers and is tried against some hundred patterns.
  const bounded = (userAgent ?? "").slice(0, 512).trim();
  if (bounded === "") return "";
  const { browser, os } = parse(bounded);
  const program = browser.name || /^[A-Za-z][\w.-]{0,39}(?=[/ ]|$)/.exec(bounded)?.[0] || "";
  return `${program}/${os.name ?? ""}`;
}

import { sampleValues } from "../../src/engines/mail/templates/sample-values.ts";

const shown = sampleValues("https://www.example.com/", Date.UTC(2026, 10, 22, 12, 5, 0));

/** The samples with a provider as people know it, whose name stands beside the Chinese words. */
export const mailSamples: typeof shown = {
  ...shown,
  binding_added: { ...shown.binding_added, provider: "QQ" },
  binding_removed: { ...shown.binding_removed, provider: "微博" },
};

import type { Clock } from "../../kernel/clock.ts";
import type { HttpOpener } from "../mail/http-delivery.ts";
import type { SmsVendorSettings } from "./settings.ts";
import type { VendorSender } from "./sms.ts";
import { readTemplateParameters, type SmsTemplates } from "./sms-templates.ts";
import { parseSmsUrl, type SmsTransport } from "./sms-url.ts";

/** Which implementation stands behind SMS_URL. Each is loaded only where it is used. */
export interface OpenSmsOptions extends Omit<SmsVendorSettings, "smsUrl"> {
  readonly url: string;
  /** The sender closes it. */
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for a whole exchange. Default 15,000. */
  readonly timeoutMillis?: number;
}

/** What the vendors' usual templates have. */
const usualParameters: Readonly<Record<SmsTransport["by"], string>> = {
  aliyun: "code",
};

export async function openVendorSms(options: OpenSmsOptions): Promise<VendorSender> {
  const { http, clock, timeoutMillis = 15_000, smsSignName, smsTemplates } = options;
  const transport = parseSmsUrl(options.url);
  const templates: SmsTemplates = {
    ids: smsTemplates,
    parameters: options.smsTemplateParams ?? readTemplateParameters(usualParameters[transport.by]),
  };
  const common = { http, clock, timeoutMillis, templates, signName: smsSignName };
  return (await import("./aliyun-sms.ts")).createAliyunSms({ ...common, ...transport });
}

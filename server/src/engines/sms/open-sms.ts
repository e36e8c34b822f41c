import type { Clock } from "../../kernel/clock.ts";
import type { HttpOpener } from "../mail/http-delivery.ts";
import type { SmsVendorSettings } from "./settings.ts";
import type { VendorSender } from "./sms.ts";
import { readTemplateParameters, type SmsTemplates } from "./sms-templates.ts";
import { parseSmsUrl } from "./sms-url.ts";

/** Which implementation stands behind SMS_URL. Each is loaded only where it is used. */
export interface OpenSmsOptions
  extends Pick<SmsVendorSettings, "smsSignName" | "smsTemplates" | "smsTemplateParams"> {
  readonly url: string;
  /** Where a vendor that is told so with each message reports to. */
  readonly publicApiUrl: string;
  /** The sender closes it. */
  readonly http: HttpOpener;
  readonly clock: Clock;
  /** Milliseconds for a whole exchange. Default 15,000. */
  readonly timeoutMillis?: number;
}

export async function openVendorSms(options: OpenSmsOptions): Promise<VendorSender> {
  const { http, clock, timeoutMillis = 15_000, smsSignName: signName, smsTemplates, publicApiUrl } = options;
  const transport = parseSmsUrl(options.url);
  const common = { http, clock, timeoutMillis, signName };
  /** As the vendor's usual templates have it, where nothing else is said. */
  const templates = (usual: string): SmsTemplates => ({
    ids: smsTemplates,
    parameters: options.smsTemplateParams ?? readTemplateParameters(usual),
  });
  switch (transport.by) {
    case "aliyun": {
      const { createAliyunSms } = await import("./aliyun-sms.ts");
      return createAliyunSms({ ...common, ...transport, templates: templates("code") });
    }
    case "dypns": {
      const { createDypnsSms } = await import("./dypns-sms.ts");
      return createDypnsSms({ ...common, ...transport, templates: templates("code,min=minutes") });
    }
    case "tencent": {
      const { createTencentSms } = await import("./tencent-sms.ts");
      return createTencentSms({ ...common, ...transport, templates: templates("code,minutes") });
    }
    case "yunpian":
      return (await import("./yunpian-sms.ts")).createYunpianSms({ ...common, ...transport });
    case "twilio": {
      const { createTwilioSms } = await import("./twilio-sms.ts");
      return createTwilioSms({ ...common, ...transport, reportsTo: smsReportUrl(publicApiUrl) });
    }
    case "hook":
      return (await import("./hook-sms.ts")).createHookSms({ ...common, ...transport });
  }
}

/** Where vendors report to; null where none can. */
export const smsReportUrl = (publicApiUrl: string): string | null =>
  publicApiUrl.startsWith("https:") ? `${publicApiUrl.replace(/\/+$/, "")}/sms/events/` : null;

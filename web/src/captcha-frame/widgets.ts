/**
 * How each vendor's script is asked for its widget, and in which words and look. Sources: developers.cloudflare.com/turnstile
 * (client-side rendering), docs.hcaptcha.com/configuration, docs.geetest.com (v4, web API), cloud.tencent.com/document/product/1110/36841,
 * help.aliyun.com/zh/captcha (V3, web and H5). Tried against the sandbox's imitations; none with a real key.
 */
import type { WidgetTask } from "./messages.ts";

export interface WidgetEnds {
  token(token: string): void;
  closed(): void;
  failed(): void;
}

export interface Widget {
  /** Whether it has a dark look of its own. */
  readonly hasDark: boolean;
  /** What has to be there before the script; returns the script's address where that depends on the task. */
  prepare?(
    facts: { readonly script: string; readonly region?: string },
    task: WidgetTask,
  ): string | undefined;
  /** Throws where the script is not the vendor's. */
  show(task: WidgetTask, ends: WidgetEnds): void;
}

type Options = Readonly<Record<string, unknown>>;

/** What the scripts put into the window. */
interface VendorWindow {
  readonly turnstile?: { render(element: string, options: Options): unknown };
  readonly hcaptcha?: { render(element: string, options: Options): unknown };
  readonly initGeetest4?: (options: Options, ready: (captcha: Geetest) => void) => void;
  readonly TencentCaptcha?: new (
    app: string,
    done: (result: TencentResult) => void,
    options: Options,
  ) => { show(): void };
  AliyunCaptchaConfig?: Options;
  readonly initAliyunCaptcha?: (options: Options) => void;
}

interface Geetest {
  onReady(act: () => void): Geetest;
  onSuccess(act: () => void): Geetest;
  onClose(act: () => void): Geetest;
  onError(act: () => void): Geetest;
  showCaptcha(): void;
  getValidate(): Readonly<Record<string, string>> | false;
}

interface TencentResult {
  readonly ret: number;
  readonly ticket?: string;
  readonly randstr?: string;
}

const vendor = window as unknown as VendorWindow;
const box = "#widget";

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the script is not the vendor's");
  return value;
}

/** Of zh-CN, zh-Hant and the like, en and ja, by the vendor's own names. */
function spoken(tag: string, [hans, hant, en, ja]: readonly [string, string, string, string]): string {
  const language = tag.toLowerCase();
  if (language.startsWith("ja")) return ja;
  if (!language.startsWith("zh")) return en;
  return /-(hant|tw|hk|mo)/.test(language) ? hant : hans;
}

const turnstile: Widget = {
  hasDark: true,
  show: ({ siteKey, action, bound, language, isDark }, ends) =>
    given(vendor.turnstile).render(box, {
      ...{ sitekey: siteKey, ...(action && { action }), ...(bound && { cData: bound }) },
      ...{ theme: isDark ? "dark" : "light", size: "flexible" },
      language: spoken(language, ["zh-cn", "zh-tw", "en", "ja"]),
      callback: ends.token,
      // True: it need not write to the console.
      "error-callback": () => {
        ends.failed();
        return true;
      },
    }),
};

const hcaptcha: Widget = {
  hasDark: true,
  prepare: ({ script }, { language }) => `${script}&hl=${spoken(language, ["zh-CN", "zh-TW", "en", "ja"])}`,
  show: ({ siteKey, isDark }, ends) =>
    given(vendor.hcaptcha).render(box, {
      ...{ sitekey: siteKey, theme: isDark ? "dark" : "light" },
      size: window.innerWidth < 310 ? "compact" : "normal",
      callback: ends.token,
      "error-callback": ends.failed,
    }),
};

const geetest: Widget = {
  hasDark: false,
  show({ siteKey, language }, ends) {
    const options = {
      ...{ captchaId: siteKey, product: "bind", onError: ends.failed },
      language: spoken(language, ["zho", "zho-tw", "eng", "jpn"]),
    };
    given(vendor.initGeetest4)(options, (captcha) => {
      captcha
        .onReady(() => captcha.showCaptcha())
        .onSuccess(() => {
          const { lot_number, captcha_output, pass_token, gen_time } = captcha.getValidate() || {};
          ends.token(JSON.stringify({ lot_number, captcha_output, pass_token, gen_time }));
        })
        .onClose(ends.closed)
        .onError(ends.failed);
    });
  },
};

const tencent: Widget = {
  hasDark: true,
  show({ siteKey, language, isDark }, ends) {
    const options = {
      userLanguage: spoken(language, ["zh-cn", "zh-tw", "en", "ja"]),
      enableDarkMode: isDark ? "force" : false,
    };
    const done = ({ ret, ticket = "", randstr }: TencentResult) => {
      if (ret === 2) ends.closed();
      // Made by the page itself because the vendor is away: the API refuses it.
      else if (ret !== 0 || /^tr?error_/.test(ticket)) ends.failed();
      else ends.token(JSON.stringify({ ticket, randstr }));
    };
    new (given(vendor.TencentCaptcha))(siteKey, done, options).show();
  },
};

const aliyun: Widget = {
  hasDark: false,
  prepare({ region = "cn" }, { siteKey }) {
    vendor.AliyunCaptchaConfig = { region, prefix: siteKey };
    return undefined;
  },
  show({ scene, language }, ends) {
    const button = document.createElement("button");
    button.id = "go";
    button.hidden = true;
    document.body.append(button);
    given(vendor.initAliyunCaptcha)({
      ...{ SceneId: scene, mode: "embed", element: box, button: "#go" },
      slideStyle: { width: Math.min(360, window.innerWidth), height: 40 },
      language: spoken(language, ["cn", "tw", "en", "ja"]),
      success: ends.token,
      // It shows another try by itself.
      fail: () => {},
      onError: ends.failed,
      getInstance: () => {},
    });
  },
};

export const widgets: Readonly<Record<string, Widget | undefined>> = {
  ...{ turnstile, hcaptcha, geetest, tencent, aliyun },
};

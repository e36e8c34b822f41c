/**
 * What the sandbox serves as every vendor's captcha script: one box with a choice of what becomes of the answer, under each
 * vendor's own names. It keeps to the policy of the site's frame: no style attribute, no inline script.
 */
(() => {
  const outcomes = [
    ["passes", "通过 Passes"],
    ["refused", "被拒绝 Refused"],
    ["spent", "已用过 Used before"],
    ["down", "服务商故障 Vendor is down"],
    ["wrong-secret", "密钥错误 Wrong secret"],
  ];

  /** Shows the box; `give` gets what the sandbox's check reads. */
  function show(parent, facts, { give, close, fail }) {
    const box = document.createElement("form");
    const select = document.createElement("select");
    select.setAttribute("aria-label", "沙箱的回答 Answer of the sandbox");
    for (const [value, text] of outcomes) select.append(new Option(text, value));
    const button = document.createElement("button");
    button.textContent = "我不是程序 I am human";
    box.append(select, button);
    const also = (text, act) => {
      if (!act) return;
      const other = document.createElement("button");
      other.type = "button";
      other.textContent = text;
      other.addEventListener("click", act);
      box.append(other);
    };
    also("关闭 Close", close);
    also("出错 Fail", fail);
    Object.assign(box.style, { font: "15px sans-serif", display: "flex", flexWrap: "wrap", gap: "8px" });
    for (const element of box.children) Object.assign(element.style, { font: "inherit", minHeight: "28px" });
    if (facts.dark) box.style.colorScheme = "dark";
    box.dataset.language = facts.language;
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      const told = { ...facts, outcome: select.value, nonce: String(Math.random()) };
      give(btoa(JSON.stringify(told)));
    });
    (typeof parent === "string" ? document.querySelector(parent) : parent).append(box);
  }

  const siteVerify = {
    render(element, { sitekey, action, cData, theme, language, callback, ...more }) {
      const facts = { sitekey, action, cdata: cData, dark: theme === "dark", language };
      show(element, facts, { give: callback, fail: more["error-callback"] });
    },
  };
  window.turnstile = siteVerify;
  window.hcaptcha = siteVerify;

  window.initGeetest4 = ({ captchaId, language }, ready) => {
    const on = {};
    const listens = (name) => (act) => {
      on[name] = act;
      if (name === "ready") setTimeout(act, 0);
      return captcha;
    };
    let validate = false;
    const captcha = {
      onReady: listens("ready"),
      onSuccess: listens("success"),
      onClose: listens("close"),
      onError: listens("error"),
      getValidate: () => validate,
      showCaptcha() {
        const give = (lot_number) => {
          validate = { lot_number, captcha_output: "o", pass_token: "p", gen_time: String(Date.now()) };
          on.success();
        };
        show(document.body, { sitekey: captchaId, language }, { give, close: on.close, fail: on.error });
      },
    };
    ready(captcha);
  };

  window.TencentCaptcha = class {
    constructor(app, done, { userLanguage, enableDarkMode }) {
      this.show = () =>
        show(
          document.body,
          { sitekey: app, language: userLanguage, dark: Boolean(enableDarkMode) },
          {
            give: (ticket) => done({ ret: 0, ticket, randstr: "@snd" }),
            close: () => done({ ret: 2 }),
            fail: () => done({ ret: 0, ticket: "trerror_1001_0_1", randstr: "@err" }),
          },
        );
    }
  };

  window.initAliyunCaptcha = ({ SceneId, element, language, success, onError }) => {
    const facts = { sitekey: window.AliyunCaptchaConfig.prefix, scene: SceneId, language };
    show(element, facts, { give: success, fail: onError });
  };
})();

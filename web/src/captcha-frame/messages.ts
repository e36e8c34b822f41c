/** What the site's page and the frame with the vendor's widget say to each other; both are of one origin, and look at it. */

/** To the frame, once it said `ready`. */
export interface WidgetTask {
  readonly siteKey: string;
  readonly action: string | undefined;
  readonly scene: string | undefined;
  /** Bound to purpose and address, for vendors that hand it on. */
  readonly bound: string | undefined;
  /** Tag of the reader's language. */
  readonly language: string;
  readonly isDark: boolean;
}

export type FrameMessage =
  | { readonly captcha: "ready" }
  /** The widget is there. */
  | { readonly captcha: "shown" }
  | { readonly captcha: "token"; readonly token: string }
  /** The reader closed it. */
  | { readonly captcha: "closed" }
  /** The vendor's script did not come, or its widget gave up. */
  | { readonly captcha: "failed" };

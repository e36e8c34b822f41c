// Generated from docs/openapi.json by "npm run generate".

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything it needs is there */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status: string;
                            checks: {
                                [key: string]: string;
                            };
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            status: string;
                            checks: {
                                [key: string]: string;
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/test/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Try cross-origin access */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verifications/email_codes/{email}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mail a verification code */
        get: {
            parameters: {
                query?: {
                    send_type?: string;
                };
                header?: never;
                path: {
                    email: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verifications/sms_codes/{mobile}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Send a verification code by SMS */
        get: {
            parameters: {
                query?: {
                    send_type?: string;
                };
                header?: never;
                path: {
                    mobile: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/usernames/{username}/count/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a user name is taken */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    username: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            username: string;
                            count: number;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/emails/{email}/count/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether an e-mail address is taken */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    email: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            email: string;
                            count: number;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign up */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        username: string;
                        email?: string;
                        mobile?: string;
                        password: string;
                        password2: string;
                        email_code?: string;
                        sms_code?: string;
                        allow: string;
                        invitation?: string;
                        fields?: {
                            [key: string]: unknown;
                        };
                        new_account?: boolean;
                        /** @enum {unknown} */
                        age_declared?: "14_or_older" | "guardian_agrees";
                        guardian_contact?: string;
                        marketing?: boolean;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string;
                            mobile?: string;
                            token: string;
                            user_id: number;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/invitations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What an invitation is good for, before the form is filled in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        invitation: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            email: string | null;
                            expires: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/password/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with a code sent by e-mail, or by SMS to the proved number */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        email?: string;
                        email_code?: string;
                        mobile?: string;
                        sms_code?: string;
                        current_password?: string;
                        factor_code?: string;
                        password: string;
                        password2: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/username/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the own user name; the answer has a token with the new one */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        username: string;
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                            token?: string;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own profile */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change the own profile */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        first_name?: string;
                        last_name?: string;
                        nickname?: string | null;
                        username_due?: boolean;
                        mobile?: string | null;
                        old_sms_code?: string;
                        current_password?: string;
                        fields?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/user/password/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the own password; every earlier token ends, the answer has a new one */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current_password?: string;
                        password: string;
                        password2: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            token: string;
                            refresh_token?: string;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/email/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the own address, with a code sent to the new one */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        email: string;
                        email_code: string;
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/mobile/leave/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the own number, which receives nothing any more, is about to be taken away */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "none" | "asked";
                            asked_at: string | null;
                            due_at: string | null;
                            delay_days: number;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Have the own number taken away after a delay, with a proof by another channel; everybody is told, the number too */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "none" | "asked";
                            asked_at: string | null;
                            due_at: string | null;
                            delay_days: number;
                        };
                    };
                };
            };
        };
        /** Keep the own number after all */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "none" | "asked";
                            asked_at: string | null;
                            due_at: string | null;
                            delay_days: number;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/mobile/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Prove the own mobile number, or change it to another, with a code sent to it */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        mobile: string;
                        sms_code: string;
                        old_sms_code?: string;
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/consents/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller agreed to, and when */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            consents: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                                agreed: string;
                            }[];
                            optional?: {
                                /** @enum {unknown} */
                                purpose: "marketing";
                                version: string;
                                given: boolean;
                                chosen: string | null;
                                chosen_version: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /** Agree to the present version of a document */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        document: "terms" | "privacy";
                        version: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/consents/{purpose}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Agree to what nobody has to agree to, in its present version */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    purpose: "marketing";
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        version: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        post?: never;
        /** Withdraw it */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    purpose: "marketing";
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/age/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that one is 14 or older, or that a guardian agrees */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        age_declared: "14_or_older" | "guardian_agrees";
                        guardian_contact?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/tokens/end/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log out everywhere: every token of the account ends */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/authorizations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        username: string;
                        password: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                            id?: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/tokens/refresh/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** New tokens for a refresh token, which they replace */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        refresh_token: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            refresh_token: string;
                            user_id: number;
                            username: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/codes/sign-in/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in by a code, or sign up by it: 201 where that made the account */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        email?: string;
                        email_code?: string;
                        mobile?: string;
                        sms_code?: string;
                        allow?: string;
                        username?: string;
                        invitation?: string;
                        fields?: {
                            [key: string]: unknown;
                        };
                        current_password?: string;
                        factor_code?: string;
                        new_account?: boolean;
                        /** @enum {unknown} */
                        age_declared?: "14_or_older" | "guardian_agrees";
                        guardian_contact?: string;
                        marketing?: boolean;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish a log-in with a code of the app, a recovery code or a passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                        remember_device?: boolean;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/deletion/cancel/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep an account whose deletion waits, and finish the log-in */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/export/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was asked for in the last days, and whether it is ready */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            exports: {
                                id: string;
                                /** @enum {unknown} */
                                state: "preparing" | "ready";
                                asked_at: string;
                                ready_at: string | null;
                                expires_at: string;
                                bytes: number | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /** Ask for everything that is kept about oneself; once a day */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            /** @enum {unknown} */
                            state: "preparing" | "ready";
                            asked_at: string;
                            ready_at: string | null;
                            expires_at: string;
                            bytes: number | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/export/{export}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Fetch one: a ZIP of export.json and index.html */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    export: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/deletion/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete the own account: every session ends now, and after some days it is erased */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            erased_at: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/deletion/hold/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Have an account's erasure wait, with a reason; 15 working days after it was asked for at most
         * @description For services with the scope `users.hold_deletion` alone.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                        /** @description ISO 8601 */
                        until: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            held_until: string;
                        };
                    };
                };
            };
        };
        post?: never;
        /**
         * Hold no longer
         * @description For services with the scope `users.hold_deletion` alone.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an account
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    masked?: boolean;
                };
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete an account: its sessions end now, and after the grace it is erased
         * @description For staff with the permission `users.delete_user`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            erased_at: string;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change an account; `is_active: false` ends its tokens
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        username?: string;
                        email?: string | null;
                        mobile?: string | null;
                        first_name?: string;
                        last_name?: string;
                        nickname?: string | null;
                        is_active?: boolean;
                        is_staff?: boolean;
                        is_superuser?: boolean;
                        fields?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/admin/users/{id}/archive/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A ZIP of everything that is kept about an account, to be given to its owner, who is told
         * @description For staff with the permission `users.export_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/joining/offer/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Offer to take another account of the same person in: the beginning of joining two */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            offer: string;
                            expires_in: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/joining/ticket/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let the own account go into the one that made the offer; proved in this call */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        offer: string;
                        current_password?: string;
                        old_sms_code?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            ticket: string;
                            expires_in: number;
                            kept: {
                                id: number;
                                username: string;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/joining/preview/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What becomes of both accounts: what moves, stays and is lost, and what prevents it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        ticket: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            kept: {
                                id: number;
                                username: string;
                            };
                            joined: {
                                id: number;
                                username: string;
                            };
                            problems: ("staff" | "rights" | "unavailable" | "deletion_pending")[];
                            bindings: {
                                provider: string;
                                nickname: string | null;
                                created_at: string;
                                unproved: boolean;
                            }[];
                            items: {
                                /** @enum {unknown} */
                                what: "username" | "email" | "mobile" | "nickname" | "name" | "picture" | "password" | "passkeys" | "second_factor" | "addresses" | "consents" | "choices" | "age" | "fields";
                                /** @enum {unknown} */
                                becomes: "moves" | "stays" | "lost";
                                value: string | null;
                                count: number;
                            }[];
                            digest: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/joining/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Join the other account into this one, as the preview said; proved in this call */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        ticket: string;
                        digest: string;
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            joined_id: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/lost/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether a lost second factor can be removed, and how it stands with that */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "none" | "asked" | "ripe";
                            refusal: ("off" | "demanded" | "no_address" | "password_reset" | "new_binding" | "by_code") | null;
                            ripe_at: string | null;
                            lapses_at: string | null;
                            delay_seconds: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/lost/ask/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a lost second factor to be removed after a delay; the owner is told on every channel */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "none" | "asked" | "ripe";
                            refusal: ("off" | "demanded" | "no_address" | "password_reset" | "new_binding" | "by_code") | null;
                            ripe_at: string | null;
                            lapses_at: string | null;
                            delay_seconds: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/lost/finish/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove a lost second factor whose delay is over; every session ends */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/lost/cancel/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the removal of a lost second factor, with what the mail's link brought */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            state: "cancelled" | "done" | "expired";
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/enrolment/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin with an authenticator app at a log-in whose account must have a second factor */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            secret: string;
                            uri: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/enrolment/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it on with a first code of the app, and finish the log-in; the recovery codes are shown this once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                        code: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                            recovery_codes: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/enrolment/passkey/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin with a passkey there: what the browser is to have the device make */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            options: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/enrolment/passkey/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep the passkey that the device made, and finish the log-in; the recovery codes are shown this once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                        passkey: {
                            [key: string]: unknown;
                        };
                        name?: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                            recovery_codes: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/passkeys/options/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a log-in by a passkey: what the browser is to ask the device for */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            options: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/passkeys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in by a passkey */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        passkey: {
                            [key: string]: unknown;
                        };
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/second-factor/passkey/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish a log-in with a passkey: what the browser is to ask the device for */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        step: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            options: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the account has a second factor, and how many recovery codes are left */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            enabled: boolean;
                            required: boolean;
                            since: string | null;
                            recovery_codes_left: number;
                            methods: ("passkey" | "totp" | "recovery_code")[];
                        };
                    };
                };
            };
        };
        put?: never;
        /** Begin with an authenticator app: its secret, as text and as what a QR code says */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            secret: string;
                            uri: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it on with a first code of the app; the recovery codes are shown this once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            recovery_codes: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/recovery-codes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ten other recovery codes, for a code or a passkey, or a proof of one in x-meiduo-proof; those before are over */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            recovery_codes: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/remove/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Switch it off, for a code or a passkey, or a proof of one in x-meiduo-proof */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/replacement/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to move the app to another phone: the new secret; for a code or a passkey, or a proof of one in x-meiduo-proof */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            secret: string;
                            uri: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/second-factor/replacement/confirm/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move it with a first code of the new phone's: the one before counts no more */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        code: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/passkeys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own passkeys, and what the browser's devices are told of them */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            passkeys: {
                                id: string;
                                credential_id: string;
                                name: string;
                                synced: boolean;
                                created_at: string;
                                last_used_at: string | null;
                            }[];
                            rp_id: string | null;
                            user_handle: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Add the passkey that the device made */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        passkey: {
                            [key: string]: unknown;
                        };
                        name?: string;
                        second_factor?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            passkey: {
                                id: string;
                                credential_id: string;
                                name: string;
                                synced: boolean;
                                created_at: string;
                                last_used_at: string | null;
                            };
                            recovery_codes: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/passkeys/options/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to add a passkey: what the browser is to have the device make */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current_password?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            options: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/passkeys/{passkey}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Call a passkey something else */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    passkey: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/user/passkeys/proof/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to prove oneself by a passkey: what the browser is to ask the device for */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            options: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/passkeys/{passkey}/remove/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove a passkey; the last second factor takes a code or a passkey in this very call */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    passkey: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        current_password?: string;
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/reauthentication/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a log-in or proof in this session is recent, and by what one could be made */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            recent: boolean;
                            methods: ("password" | "totp" | "recovery_code" | "passkey" | "provider" | "email_code" | "log_in")[];
                            providers: string[];
                            email: string | null;
                            /** @description Seconds for which one is recent. */
                            max_age: number;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Prove oneself again: by `password`, `code`, `passkey`, `email_code`, or `provider` with its `code` and `state`; `action` is answered a proof for one call */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        action?: "password" | "email" | "mobile" | "mobile_leave" | "username" | "second_factor" | "passkeys" | "bindings" | "sessions" | "export" | "deletion" | "joining" | "administration";
                        password?: string;
                        code?: string;
                        passkey?: {
                            [key: string]: unknown;
                        };
                        email_code?: string;
                        provider?: string;
                        state?: string;
                        iss?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            expires_in: number;
                            /** @description For the header `x-meiduo-proof` of one call. */
                            proof?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/reauthentication/email-code/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mail a code for the action to the own confirmed address */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        action: "password" | "email" | "mobile" | "mobile_leave" | "username" | "second_factor" | "passkeys" | "bindings" | "sessions" | "export" | "deletion" | "joining" | "administration";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/reauthentication/authorization/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Where to send the browser to prove oneself by a third party that is bound */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        provider: string;
                        next?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            login_url: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/sessions/disown/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** This wasn't me: ends every session of the account, and mails its owner a code for a new password */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            mailed: boolean;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own sessions, the one used last first; `current` is the request's own */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            sessions: {
                                id: string;
                                current: boolean;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                created_at: string;
                                last_seen_at: string;
                                expires_at: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** End every own session but this one */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            ended: number;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/sessions/current/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Log out: end this session */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/sessions/{session}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one own session */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    session: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/log-ins/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own log-ins, the newest first, page by page; on the first page what was refused lately, too */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            log_ins: {
                                at: string;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                ended_at: string | null;
                            }[];
                            refused: {
                                at: string;
                                reason: string;
                                network: string;
                                times: number;
                            }[];
                            next: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/remembered-devices/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own devices on which a log-in asks for no second factor, the one used last first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            devices: {
                                id: string;
                                current: boolean;
                                browser: string;
                                system: string;
                                network: string;
                                created_at: string;
                                last_used_at: string;
                                expires_at: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/remembered-devices/{device}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ask for the second factor on one of them again */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    device: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys that verify access tokens (RFC 7517); empty while SECRET_KEY signs them (HS256) */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            keys: {
                                kty: string;
                                crv?: string;
                                x?: string;
                                y?: string;
                                n?: string;
                                e?: string;
                                kid: string;
                                alg: string;
                                use: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/token/introspect/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whether an access token is good now (RFC 7662); of one that is not only `active: false`
         * @description For services with the scope `sessions.introspect_token` alone.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                        token_type_hint?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            active: boolean;
                            token_type?: string;
                            sub?: string;
                            username?: string;
                            exp?: number;
                            iat?: number;
                            sid?: string;
                            act?: {
                                sub: string;
                            };
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/second-factor/reset/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the second factor from an account whose owner lost it
         * @description For staff with the permission `users.change_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List accounts; `search` is an id, a name, an address, a number or a key at a third party, `match` how it has to fit
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    search?: string;
                    match?: "exact" | "prefix" | "contains";
                    is_active?: boolean;
                    is_staff?: boolean;
                    is_superuser?: boolean;
                    group?: number;
                    second_factor?: "on" | "off" | "missing";
                    confirmed?: boolean;
                    provider?: string;
                    joined_from?: string;
                    joined_to?: string;
                    seen_from?: string;
                    seen_to?: string;
                    masked?: boolean;
                    after?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                username: string;
                                email: string | null;
                                mobile: string | null;
                                first_name: string;
                                last_name: string;
                                full_name: string;
                                nickname: string | null;
                                is_active: boolean;
                                is_staff: boolean;
                                is_superuser: boolean;
                                email_active: boolean;
                                mobile_verified: boolean;
                                last_login: string | null;
                                date_joined: string;
                                /** @description From when on the account is erased, where that was asked for */
                                deletion_due: string | null;
                                /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                                version: number;
                            }[];
                            /** @description `after` of the next page; null at the end. A page may be short and still have one. */
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Make an account without a password; its owner is mailed where to set one
         * @description For staff with the permission `users.add_user`, and for superusers; for services with that scope.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        username?: string;
                        email: string;
                        mobile?: string | null;
                        first_name?: string;
                        last_name?: string;
                        groups?: number[];
                        fields?: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/groups/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set an account's groups
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        groups: number[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/permissions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set the permissions granted to an account itself
         * @description For staff with the permission `users.change_user`, and for superusers.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        permissions: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/end-tokens/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End every token of an account
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/password-reset/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mail the owner a code for a new password
         * @description For staff with the permission `users.change_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/disable/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable an account with a reason; with `until` it comes back by itself then
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                        /** @description ISO 8601 */
                        until?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/enable/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a disabled account in again
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/notes/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What staff wrote down about an account, the latest first
         * @description For staff with the permission `users.view_note`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: string;
                                author: string;
                                text: string;
                                created_at: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Write something down about an account; its owner's export has it
         * @description For staff with the permission `users.change_note`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        text: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            author: string;
                            text: string;
                            created_at: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/notes/{note}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a note
         * @description For staff with the permission `users.change_note`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                    note: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/bulk/count/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How many accounts a bulk change would be about
         * @description For staff with the permission `users.bulk_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        ids?: number[];
                        filter?: {
                            search?: string;
                            /** @enum {unknown} */
                            match?: "exact" | "prefix" | "contains";
                            is_active?: boolean;
                            is_staff?: boolean;
                            is_superuser?: boolean;
                            group?: number;
                            /** @enum {unknown} */
                            second_factor?: "on" | "off" | "missing";
                            confirmed?: boolean;
                            provider?: string;
                            joined_from?: string;
                            joined_to?: string;
                            seen_from?: string;
                            seen_to?: string;
                        };
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            count: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/bulk/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The latest bulk changes
         * @description For staff with the permission `users.bulk_user`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: string;
                                actor: string;
                                /** @enum {unknown} */
                                action: "disable" | "enable" | "end_tokens" | "add_to_group" | "remove_from_group";
                                reason: string;
                                group: number | null;
                                total: number;
                                started_at: string;
                                finished_at: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Change many accounts in the background; `confirm` is as many as were counted
         * @description For staff with the permission `users.bulk_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        ids?: number[];
                        filter?: {
                            search?: string;
                            /** @enum {unknown} */
                            match?: "exact" | "prefix" | "contains";
                            is_active?: boolean;
                            is_staff?: boolean;
                            is_superuser?: boolean;
                            group?: number;
                            /** @enum {unknown} */
                            second_factor?: "on" | "off" | "missing";
                            confirmed?: boolean;
                            provider?: string;
                            joined_from?: string;
                            joined_to?: string;
                            seen_from?: string;
                            seen_to?: string;
                        };
                        /** @enum {unknown} */
                        action: "disable" | "enable" | "end_tokens" | "add_to_group" | "remove_from_group";
                        reason: string;
                        group?: number;
                        confirm: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            actor: string;
                            /** @enum {unknown} */
                            action: "disable" | "enable" | "end_tokens" | "add_to_group" | "remove_from_group";
                            reason: string;
                            group: number | null;
                            total: number;
                            started_at: string;
                            finished_at: string | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/bulk/{run}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A bulk change, and what became of its accounts: `done`, `waiting`, or the code of a refusal
         * @description For staff with the permission `users.bulk_user`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    run: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            actor: string;
                            /** @enum {unknown} */
                            action: "disable" | "enable" | "end_tokens" | "add_to_group" | "remove_from_group";
                            reason: string;
                            group: number | null;
                            total: number;
                            started_at: string;
                            finished_at: string | null;
                            outcomes: {
                                [key: string]: number;
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/denials/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Networks, addresses and domains of mail that are refused
         * @description For staff with the permission `admission.view_denial`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: string;
                                /** @enum {unknown} */
                                kind: "network" | "email" | "domain";
                                value: string;
                                reason: string;
                                by: string;
                                created_at: string;
                                until: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Refuse a network, an address or a domain of mail; with `until` for a while
         * @description For staff with the permission `admission.change_denial`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        kind: "network" | "email" | "domain";
                        value: string;
                        reason: string;
                        /** @description ISO 8601 */
                        until?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            /** @enum {unknown} */
                            kind: "network" | "email" | "domain";
                            value: string;
                            reason: string;
                            by: string;
                            created_at: string;
                            until: string | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/denials/{denial}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Refuse it no longer
         * @description For staff with the permission `admission.change_denial`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    denial: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/blocks/locked/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts that too many tries keep somebody out of now, of the fifty refused last, the latest first
         * @description For staff with the permission `log_ins.view_block`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                user_id: number;
                                username: string;
                                at: string;
                                times: number;
                                /** @description devices that are kept out */
                                who: ("strangers" | "device")[];
                                networks: string[];
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/refusals/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Refused log-ins of all accounts, the latest first; of a kind and a network once
         * @description For staff with the permission `log_ins.view_block`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    before?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                user_id: number;
                                username: string;
                                reason: string;
                                network: string;
                                at: string;
                                times: number;
                            }[];
                            /** @description `before` of the next page. A page has all refusals of its last millisecond, and may be longer than `limit` for it. */
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/blocks/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a name, or the network of an address, has used up of its tries to log in
         * @description For staff with the permission `log_ins.view_block`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    name?: string;
                    address?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user_id: number | null;
                            counters: {
                                who: string;
                                rule: string;
                                count: number;
                                limit: number;
                                window_seconds: number;
                                full: boolean;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/blocks/unlock/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a name, an account by all its names, or the network of an address, try to log in again
         * @description For staff with the permission `log_ins.change_block`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name?: string;
                        address?: string;
                        user?: number;
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/reveal/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show an account unmasked; the audit log has who asked
         * @description For staff with the permission `users.view_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            email: string | null;
                            mobile: string | null;
                            first_name: string;
                            last_name: string;
                            full_name: string;
                            nickname: string | null;
                            is_active: boolean;
                            is_staff: boolean;
                            is_superuser: boolean;
                            email_active: boolean;
                            mobile_verified: boolean;
                            last_login: string | null;
                            date_joined: string;
                            /** @description From when on the account is erased, where that was asked for */
                            deletion_due: string | null;
                            /** @description Grows with each change that webhooks tell of: of two answers the one with the higher is the later */
                            version: number;
                            groups: {
                                id: number;
                                name: string;
                            }[];
                            permissions: string[];
                            fields?: {
                                [key: string]: unknown;
                            };
                            consents?: {
                                [key: string]: boolean;
                            };
                            age?: {
                                declared: string;
                                guardian_contact: string | null;
                            } | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/export/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accounts as a file, by the filters of the list: CSV for spreadsheets, or JSON lines
         * @description For staff with the permission `users.export_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        format: "csv" | "jsonl";
                        search?: string;
                        /** @enum {unknown} */
                        match?: "exact" | "prefix" | "contains";
                        is_active?: boolean;
                        is_staff?: boolean;
                        is_superuser?: boolean;
                        group?: number;
                        /** @enum {unknown} */
                        second_factor?: "on" | "off" | "missing";
                        confirmed?: boolean;
                        provider?: string;
                        joined_from?: string;
                        joined_to?: string;
                        seen_from?: string;
                        seen_to?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/groups/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List groups
         * @description For staff with the permission `auth.view_group`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                name: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Make a group
         * @description For staff with the permission `auth.add_group`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        permissions?: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            name: string;
                            permissions: string[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/groups/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a group
         * @description For staff with the permission `auth.view_group`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            name: string;
                            permissions: string[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /**
         * Delete a group
         * @description For staff with the permission `auth.delete_group`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Rename a group or set its permissions
         * @description For staff with the permission `auth.change_group`, and for superusers.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name?: string;
                        permissions?: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            name: string;
                            permissions: string[];
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/admin/permissions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List permissions
         * @description For staff with the permission `auth.view_permission`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                permission: string;
                                app: string;
                                model: string;
                                codename: string;
                                name: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Make a permission, to be granted here and asked for by another service
         * @description For staff with the permission `auth.add_permission`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        app: string;
                        codename: string;
                        name: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            permission: string;
                            app: string;
                            model: string;
                            codename: string;
                            name: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an account's sessions
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            sessions: {
                                id: string;
                                current: boolean;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                created_at: string;
                                last_seen_at: string;
                                expires_at: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/sessions/{session}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one session of an account
         * @description For staff with the permission `users.change_user`, and for superusers; for services with that scope.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                    session: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/log-ins/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An account's log-ins, the newest first, page by page, as its owner sees them
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    cursor?: string;
                };
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                at: string;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                ended_at: string | null;
                            }[];
                            /** @description `cursor` of the next page */
                            next: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/impersonation/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether staff may act in an owner's place here, and who acts in this one's
         * @description For staff with the permission `users.impersonate_user`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            on: boolean;
                            under_way: {
                                by: {
                                    id: number;
                                    username: string;
                                };
                                began: string;
                                ends: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Act in an owner's place, for a while: answers a token of their account that says who acts (`act`), and can change nothing by which it is opened
         * @description For staff with the permission `users.impersonate_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            token: string;
                            user_id: number;
                            username: string;
                            ends: string;
                        };
                    };
                };
            };
        };
        /**
         * End what is under way in the owner's place, whoever does it
         * @description For staff with the permission `users.impersonate_user`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who changed what, newest first
         * @description For staff with the permission `audit.view_auditentry`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    kind?: string;
                    target?: number;
                    actor?: number;
                    /** @description one, such as `user.change`, or a kind, such as `user` */
                    action?: string;
                    /** @description ISO 8601 */
                    since?: string;
                    before?: number;
                    masked?: boolean;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                at: string;
                                actor: {
                                    id: number | null;
                                    username: string;
                                };
                                on_behalf_of: {
                                    id: number;
                                    username: string;
                                } | null;
                                action: string;
                                target: {
                                    kind: string;
                                    id: number;
                                    name: string;
                                };
                                before: {
                                    [key: string]: unknown;
                                };
                                after: {
                                    [key: string]: unknown;
                                };
                                request_id: string | null;
                            }[];
                            /** @description `before` of the next page; null at the end. A page may be short and still have one. */
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit/export/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit log as JSON lines, oldest first, by ids alone; `after`: the `event.id` of the last line you have; empty at the end
         * @description For staff with the permission `audit.view_auditentry`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    after?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/permissions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own permissions */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            is_staff: boolean;
                            is_superuser: boolean;
                            permissions: string[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/invitations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations, the newest first; those that ended stay for 30 days
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    before?: number;
                    masked?: boolean;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                email: string | null;
                                group: number | null;
                                maker: number | null;
                                max_uses: number;
                                uses: number;
                                created: string;
                                expires: string;
                            }[];
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Invite: by mail to an address, or by a link that is shown once
         * @description For staff with the permission `users.add_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        email?: string | null;
                        group?: number;
                        max_uses?: number;
                        days?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            email: string | null;
                            group: number | null;
                            maker: number | null;
                            max_uses: number;
                            uses: number;
                            created: string;
                            expires: string;
                            link: string | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/invitations/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Withdraw an invitation
         * @description For staff with the permission `users.add_user`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/mails/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of mails, newest first; `to`: exactly this address; `user`: of this account
         * @description For staff with the permission `mail.view_mail`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    to?: string;
                    user?: number;
                    state?: "queued" | "accepted" | "refused" | "delivered" | "bounced" | "complained";
                    before?: number;
                    masked?: boolean;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                message_id: string;
                                to: string | null;
                                kind: string;
                                state: string;
                                words: string | null;
                                tries: number;
                                queued_at: string;
                                changed_at: string;
                                /** @description the job that sends it, in GET /admin/jobs/<job>/ */
                                job: string | null;
                            }[];
                            /** @description `before` of the next page; null at the end. A page may be short and still have one. */
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Endpoints that are told what happened
         * @description For staff with the permission `webhooks.view_webhook`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                url: string;
                                /** @description empty: every event that is told unasked */
                                events: string[];
                                /** @description `on`, `off`, `gone` after a 410, `failing` after five days of failures */
                                state: string;
                                created: string;
                                failing_since: string | null;
                                old_secret_until: string | null;
                            }[];
                            known_events: {
                                name: string;
                                zh: string;
                                en: string;
                                /** @description told only to an endpoint that names it */
                                by_name_alone: boolean;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Add an endpoint; its secret is shown this once
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        url: string;
                        events?: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            url: string;
                            /** @description empty: every event that is told unasked */
                            events: string[];
                            /** @description `on`, `off`, `gone` after a 410, `failing` after five days of failures */
                            state: string;
                            created: string;
                            failing_since: string | null;
                            old_secret_until: string | null;
                            /** @description shown this once */
                            secret: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove an endpoint, with what was not delivered
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Change an endpoint, or switch it off and on; what waited is sent when it is on again
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        url?: string;
                        events?: string[];
                        is_on?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            url: string;
                            /** @description empty: every event that is told unasked */
                            events: string[];
                            /** @description `on`, `off`, `gone` after a 410, `failing` after five days of failures */
                            state: string;
                            created: string;
                            failing_since: string | null;
                            old_secret_until: string | null;
                        };
                    };
                };
            };
        };
        trace?: never;
    };
    "/admin/webhooks/{id}/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another secret, shown this once; the one before signs beside it for 24 hours, or ends now
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        at_once?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            url: string;
                            /** @description empty: every event that is told unasked */
                            events: string[];
                            /** @description `on`, `off`, `gone` after a 410, `failing` after five days of failures */
                            state: string;
                            created: string;
                            failing_since: string | null;
                            old_secret_until: string | null;
                            /** @description shown this once */
                            secret: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/test/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a `webhook.test`; what came of it is among the deliveries
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            delivery: number;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/deliveries/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent to an endpoint in the last thirty days, newest first
         * @description For staff with the permission `webhooks.view_webhook`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    before?: number;
                    limit?: number;
                };
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                message_id: string;
                                type: string;
                                /** @description `waiting`, `sending`, `delivered` or `failed` */
                                state: string;
                                attempts: number;
                                next_attempt: string | null;
                                created: string;
                                finished: string | null;
                                status: number | null;
                                /** @description up to 4 KB of the last answer */
                                answer: string | null;
                                error: string | null;
                                /** @description what is sent, as it is signed */
                                body: string;
                            }[];
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/deliveries/{delivery}/retry/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again, whatever came of it
         * @description For staff with the permission `webhooks.change_webhook`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                    delivery: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Background jobs, the latest first
         * @description For staff with the permission `jobs.view_job`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: {
                    state?: "waiting" | "running" | "done" | "dead";
                    skip?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: string;
                                name: string;
                                /** @enum {unknown} */
                                state: "waiting" | "running" | "done" | "dead";
                                attempts: number;
                                created_at: string;
                                run_at: string;
                                last_error: string | null;
                                payload: unknown;
                            }[];
                            /** @description `skip` of the next page */
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a background job
         * @description For staff with the permission `jobs.view_job`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            name: string;
                            /** @enum {unknown} */
                            state: "waiting" | "running" | "done" | "dead";
                            attempts: number;
                            created_at: string;
                            run_at: string;
                            last_error: string | null;
                            payload: unknown;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job}/retry/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a dead job back
         * @description For staff with the permission `jobs.change_job`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/jobs/{job}/discard/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove a job that waits or is dead, for good
         * @description For staff with the permission `jobs.change_job`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    job: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/access/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * By what an account is opened, and why its owner may be unable to log in
         * @description For staff with the permission `users.view_user`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            has_password: boolean;
                            second_factor: {
                                enabled: boolean;
                                since: string | null;
                                recovery_codes_left: number;
                                methods: string[];
                            };
                            bindings: {
                                provider: string;
                                nickname: string | null;
                                created_at: string;
                                last_login_at: string | null;
                            }[];
                            refusals: {
                                reason: string;
                                network: string;
                                at: string;
                                times: number;
                            }[];
                            disabled: {
                                reason: string;
                                by: string;
                                at: string;
                                until: string | null;
                            } | null;
                            findings: ("disabled" | "deletion_pending" | "no_password" | "no_way_in" | "second_factor" | "no_address" | "address_unconfirmed" | "throttled_strangers" | "throttled_device" | "codes_throttled")[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/overview/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How often what happened in the last thirty days, by hours (UTC), and what waits
         * @description For staff with the permission `overview.view_overview`, and for superusers; for services with that scope.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            version: string;
                            now: string;
                            jobs: {
                                [key: string]: number;
                            };
                            hours: {
                                from: string;
                                counts: {
                                    [key: string]: number;
                                };
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/setup/superuser/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first superuser, by the link that a start in development gives */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                        username: string;
                        email?: string | null;
                        password: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/mails/templates/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The kinds of mails, and the languages that they are written in
         * @description For staff with the permission `mail.view_template`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            templates: string[];
                            languages: string[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/mails/preview/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A mail as people get it, with values of nobody; `page`: where its HTML can be looked at once, within a minute
         * @description For staff with the permission `mail.view_template`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        template: "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn" | "stepUp" | "account_exists" | "no_account" | "sign_in_refused" | "password_changed" | "email_changed" | "email_added" | "username_changed" | "mobile_lost" | "number_leave_asked" | "number_leave_cancelled" | "number_left" | "number_added" | "number_changed" | "number_removed" | "account_joined" | "binding_added" | "binding_removed" | "session_replayed" | "second_factor_added" | "second_factor_removed" | "recovery_code_used" | "recovery_codes_low" | "recovery_codes_renewed" | "second_factor_stopped" | "lost_factor_asked" | "lost_factor_cancelled" | "passkey_added" | "passkey_removed" | "data_export_asked" | "data_export_ready" | "deletion_asked" | "impersonation_begun" | "deletion_cancelled" | "account_deleted" | "authenticator_changed" | "new_device" | "invitation" | "confirm_email" | "account_made";
                        /** @description such as `zh-Hans` */
                        language: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            subject: string;
                            text: string;
                            page: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mails/previews/{ticket}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The HTML of a preview, once */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    ticket: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/mails/test/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a mail with values of nobody, to see whether it arrives
         * @description For staff with the permission `mail.test_mail`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        template: "register" | "resetpwd" | "bindAccount" | "changeEmail" | "signIn" | "stepUp" | "account_exists" | "no_account" | "sign_in_refused" | "password_changed" | "email_changed" | "email_added" | "username_changed" | "mobile_lost" | "number_leave_asked" | "number_leave_cancelled" | "number_left" | "number_added" | "number_changed" | "number_removed" | "account_joined" | "binding_added" | "binding_removed" | "session_replayed" | "second_factor_added" | "second_factor_removed" | "recovery_code_used" | "recovery_codes_low" | "recovery_codes_renewed" | "second_factor_stopped" | "lost_factor_asked" | "lost_factor_cancelled" | "passkey_added" | "passkey_removed" | "data_export_asked" | "data_export_ready" | "deletion_asked" | "impersonation_begun" | "deletion_cancelled" | "account_deleted" | "authenticator_changed" | "new_device" | "invitation" | "confirm_email" | "account_made";
                        /** @description such as `zh-Hans` */
                        language: string;
                        to: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            subject: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/sms/templates/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each SMS says in each language, with values of nobody; empty where the site sends none
         * @description For staff with the permission `mail.view_template`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            templates: {
                                template: string;
                                language: string;
                                text: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/sms/test/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an SMS with the code 000000, to see whether it arrives; it is paid for as any other
         * @description For staff with the permission `mail.test_mail`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {unknown} */
                        template: "changeMobile" | "register" | "resetpwd" | "signIn";
                        /** @description such as `zh-Hans` */
                        language: string;
                        to: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/services/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Other programs that may ask, by name; a thousand at most
         * @description For staff with the permission `services.view_service`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                name: string;
                                scopes: string[];
                                /** @description empty: anywhere */
                                networks: string[];
                                created: string;
                                expires: string | null;
                                last_used: string | null;
                                old_secret_until: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * Make a credential; its secret is shown this once
         * @description For staff with the permission `services.change_service`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        scopes: string[];
                        networks?: string[];
                        days?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            name: string;
                            scopes: string[];
                            /** @description empty: anywhere */
                            networks: string[];
                            created: string;
                            expires: string | null;
                            last_used: string | null;
                            old_secret_until: string | null;
                            /** @description shown this once */
                            secret: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/services/{service}/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another secret, shown this once; the one before is good for some hours more, by default 24
         * @description For staff with the permission `services.change_service`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    service: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        keep_hours?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            name: string;
                            scopes: string[];
                            /** @description empty: anywhere */
                            networks: string[];
                            created: string;
                            expires: string | null;
                            last_used: string | null;
                            old_secret_until: string | null;
                            /** @description shown this once */
                            secret: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/services/{service}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a credential: its secrets end at once
         * @description For staff with the permission `services.change_service`, and for superusers.
         */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    service: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys of access tokens; none where SECRET_KEY signs (HS256)
         * @description For staff with the permission `keys.view_signingkey`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            algorithm: string;
                            /** @description 0: only by hand */
                            rotate_days: number;
                            results: {
                                kid: string;
                                algorithm: string;
                                /** @enum {unknown} */
                                state: "next" | "current" | "previous" | "over" | "dropped";
                                signs_from: string | null;
                                /** @description when its last token ends, where known */
                                over: string | null;
                                /** @description false: it was encrypted under another SECRET_KEY */
                                readable: boolean;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/rotate/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new key: it is published now and signs after an hour, or now
         * @description For staff with the permission `keys.rotate_signingkey`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        at_once?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            kid: string;
                            signs_from: string | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/providers/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Third parties: which are set up, and the addresses to register there
         * @description For staff with the permission `providers.view_provider`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                name: string;
                                title: {
                                    zh: string;
                                    en: string;
                                };
                                /** @enum {unknown} */
                                state: "configured" | "sandbox" | "off";
                                /** @description to be registered at the third party, letter for letter */
                                redirect_uri: string;
                                redirect_variable: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/providers/{provider}/check/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a third party with a code that is none: what it says of the credentials
         * @description For staff with the permission `providers.check_provider`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {unknown} */
                            outcome: "works" | "credentials" | "unreachable" | "unclear";
                            detail: string | null;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/settings/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The settings in force and where each value comes from, without secrets
         * @description For staff with the permission `settings.view_setting`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                name: string;
                                value: string;
                                /**
                                 * @description `file`: .env; `contract`: set by CONTRACT
                                 * @enum {unknown}
                                 */
                                from: "default" | "contract" | "file" | "environment";
                                /** @description why it does nothing here */
                                idle: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/doctor/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the doctor found in the last ten minutes, in this process; it looks where nobody did
         * @description For staff with the permission `settings.view_setting`, and for superusers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description when it looked */
                            at: string;
                            results: {
                                check: string;
                                /** @enum {unknown} */
                                level: "ok" | "warn" | "fail";
                                zh: string;
                                en: string;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        /**
         * What the doctor finds: settings, addresses, and whether what is set up answers
         * @description For staff with the permission `settings.view_setting`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description when it looked */
                            at: string;
                            results: {
                                check: string;
                                /** @enum {unknown} */
                                level: "ok" | "warn" | "fail";
                                zh: string;
                                en: string;
                            }[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/data-requests/deletions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts that wait to be erased, the next first, and who has them wait
         * @description For staff with the permission `rights.view_datarequest`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    /** @description the `next` of the page before */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                user: number;
                                username: string;
                                due: string;
                                holds: {
                                    service: string;
                                    reason: string;
                                    until: string;
                                }[];
                            }[];
                            next: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/data-requests/exports/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exports that people asked for and can fetch or wait for, the first to expire first
         * @description For staff with the permission `rights.view_datarequest`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    /** @description the `next` of the page before */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                user: number;
                                username: string;
                                asked: string;
                                ready: string | null;
                                expires: string;
                            }[];
                            next: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/data-requests/number-leaves/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Numbers that are about to leave their account, the next first
         * @description For staff with the permission `rights.view_datarequest`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    /** @description the `next` of the page before */
                    after?: string;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                user: number;
                                username: string;
                                asked: string;
                                due: string;
                                told: string | null;
                            }[];
                            next: string | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/runs/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Imports and exports of many accounts, newest first
         * @description For staff with the permission `runs.view_run`, and for superusers.
         */
        get: {
            parameters: {
                query?: {
                    before?: number;
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            results: {
                                id: number;
                                at: string;
                                actor: {
                                    id: number | null;
                                    username: string;
                                };
                                action: string;
                                target: string;
                                facts: {
                                    [key: string]: unknown;
                                };
                            }[];
                            next: number | null;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/users/{id}/look-as/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at an account as its owner sees it; the audit log has who did, and why
         * @description For staff with the permission `users.look_as_user`, and for superusers.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: number;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            profile: {
                                id: number;
                                username: string;
                                mobile: string | null;
                                email: string | null;
                                email_active: boolean;
                                mobile_verified: boolean;
                                first_name: string;
                                last_name: string;
                                is_staff: boolean;
                                is_superuser: boolean;
                                nickname: string | null;
                                avatar_url: string | null;
                                username_due?: boolean;
                                fields?: {
                                    [key: string]: unknown;
                                };
                                second_factor_due?: string;
                                terms_due?: {
                                    /** @enum {unknown} */
                                    document: "terms" | "privacy";
                                    version: string;
                                }[];
                                age_due?: boolean;
                            };
                            sessions: {
                                id: string;
                                current: boolean;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                created_at: string;
                                last_seen_at: string;
                                expires_at: string;
                            }[];
                            log_ins: {
                                at: string;
                                way: string;
                                provider: string | null;
                                browser: string;
                                system: string;
                                network: string;
                                ended_at: string | null;
                            }[];
                            refused: {
                                at: string;
                                reason: string;
                                network: string;
                                times: number;
                            }[];
                            bindings: {
                                provider: string;
                                nickname: string | null;
                                avatar: string | null;
                                created_at: string;
                                last_login_at: string | null;
                            }[];
                            second_factor: {
                                enabled: boolean;
                                since: string | null;
                                recovery_codes_left: number;
                                methods: string[];
                            };
                            passkeys: {
                                id: string;
                                credential_id: string;
                                name: string;
                                synced: boolean;
                                created_at: string;
                                last_used_at: string | null;
                            }[];
                            consents: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                                agreed: string;
                            }[];
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/callback/{provider}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A provider's form with the code, handed on to the site's callback page */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/x-www-form-urlencoded": {
                        code?: string;
                        state: string;
                        error?: string;
                        user?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                303: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/providers/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The providers that can be used here */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            providers: {
                                name: string;
                                title: string;
                                login_type: number;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/{provider}/authorization/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where to send the browser */
        get: {
            parameters: {
                query?: {
                    next?: string;
                    state?: string;
                    bind?: boolean;
                };
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            login_url: string;
                            oauth_url: string;
                            auth_url: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/{provider}/user/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Trade the code for a token, or for a ticket at a first log-in */
        get: {
            parameters: {
                query?: {
                    code?: string;
                    state?: string;
                    iss?: string;
                    error?: string;
                    usercancel?: string;
                    refresh?: boolean;
                };
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            user_id?: number;
                            username?: string;
                            token?: string;
                            refresh_token?: string;
                            second_factor_due?: string;
                            access_token?: string;
                            bind_token?: string;
                            profile?: {
                                nickname: string | null;
                                avatar: string | null;
                                email: string | null;
                            };
                            next?: string;
                        };
                    };
                };
            };
        };
        put?: never;
        /** Bind a first log-in to the account of an e-mail address or a proved number, or make that account */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        password: string;
                        email?: string;
                        email_code?: string;
                        mobile?: string;
                        sms_code?: string;
                        access_token?: string;
                        bind_token?: string;
                        invitation?: string;
                        fields?: {
                            [key: string]: unknown;
                        };
                        allow?: string;
                        /** @enum {unknown} */
                        age_declared?: "14_or_older" | "guardian_agrees";
                        guardian_contact?: string;
                        marketing?: boolean;
                        login_type?: string;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            email: string;
                            username: string;
                            token: string;
                            user_id: number;
                            id: number;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/{provider}/account/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an account from a first log-in alone, without an e-mail address */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        access_token?: string;
                        bind_token?: string;
                        username: string;
                        invitation?: string;
                        fields?: {
                            [key: string]: unknown;
                        };
                        allow?: string;
                        /** @enum {unknown} */
                        age_declared?: "14_or_older" | "guardian_agrees";
                        guardian_contact?: string;
                        marketing?: boolean;
                        refresh?: boolean;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            email: string;
                            username: string;
                            token: string;
                            user_id: number;
                            id: number;
                            refresh_token?: string;
                            second_factor_due?: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/bindings/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own third-party bindings */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            bindings: {
                                provider: string;
                                nickname: string | null;
                                avatar: string | null;
                                created_at: string;
                                last_login_at: string | null;
                            }[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/bindings/{provider}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a third-party binding */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        access_token?: string;
                        bind_token?: string;
                        code?: string;
                        state?: string;
                        iss?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            provider: string;
                            nickname: string | null;
                            avatar: string | null;
                            created_at: string;
                            last_login_at: string | null;
                        };
                    };
                };
            };
        };
        /** Remove every own binding at a provider */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/avatar/provider/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Take the own picture over from a third party that is bound */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        provider: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/user/avatar/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set the own picture: a JPEG, PNG, WebP or GIF */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/octet-stream": string;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        post?: never;
        /** Show no picture, nor a third party’s */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: number;
                            username: string;
                            mobile: string | null;
                            email: string | null;
                            email_active: boolean;
                            mobile_verified: boolean;
                            first_name: string;
                            last_name: string;
                            is_staff: boolean;
                            is_superuser: boolean;
                            nickname: string | null;
                            avatar_url: string | null;
                            username_due?: boolean;
                            fields?: {
                                [key: string]: unknown;
                            };
                            second_factor_due?: string;
                            terms_due?: {
                                /** @enum {unknown} */
                                document: "terms" | "privacy";
                                version: string;
                            }[];
                            age_due?: boolean;
                        };
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mails/events/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a mail service reports of a mail; signed, see docs/mail.md */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sms/events/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a vendor of SMS reports of one; signed, see docs/sms.md */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            code: number;
                            msg: string;
                            result: number;
                            errmsg: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sms/events/{token}/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same of a vendor that signs nothing: the address has a token, see docs/sms.md */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    token: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            message: string;
                            code: number;
                            msg: string;
                            result: number;
                            errmsg: string;
                        };
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

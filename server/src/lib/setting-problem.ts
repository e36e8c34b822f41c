/**
 * What is wrong with a setting, in words that follow the variable's name and never repeat what may hold a
 * password: `must be a whole number`. config.ts collects them all and reports them together.
 */
export class SettingProblem extends Error {}

/**
 * The units of work that rules of class-validator take for a short text, by their names: those that take more than one.
 * Measured with the texts that take them longest; for a long text, more is claimed beside.
 */
export const RULE_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['isTimeZone', 240],
  ['isPhoneNumber', 100],
  ...['isJson', 'isMobilePhone'].map(name => [name, 24] as const),
  ...[
    'isBtcAddress', 'isCreditCard', 'isCurrency', 'isDataURI', 'isDateString', 'isDecimal', 'isEmail',
    'isEthereumAddress', 'isFqdn', 'isHSL', 'isIBAN', 'isIdentityCard', 'isIp', 'isIsbn', 'isIsin', 'isIso8601',
    'isISO31661Alpha2', 'isISO31661Alpha3', 'isISO4217CurrencyCode', 'isISSN', 'isJwt', 'isLatLong', 'isMagnetURI',
    'isNumberString', 'isPassportNumber', 'isPostalCode', 'isRgbColor', 'isStrongPassword', 'isTaxId', 'isUrl'
  ].map(name => [name, 12] as const)
])

/** The units of work in which a rule looks at one value; a rule of the program counts as one. */
export function weightOf ({ name }: { readonly name?: string | undefined }): number {
  return name === undefined ? 1 : RULE_WEIGHTS.get(name) ?? 1
}

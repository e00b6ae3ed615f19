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

/** The units of a rule that looks for a format, for 256 characters: about as many as each takes nanoseconds. */
const FORMAT_TEXT_WEIGHT = 200

/** The units of work that these take for 256 characters of a long text. Measured like the others, up to a megabyte. */
export const TEXT_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ...['isByteLength', 'isJson'].map(name => [name, 300] as const),
  ['isDataURI', 50],
  ...['isLatitude', 'isLongitude', 'isSemVer', 'isUuid', 'isRFC3339', 'isMimeType', 'isTimeZone', 'isPhoneNumber']
    .map(name => [name, FORMAT_TEXT_WEIGHT] as const)
])

/** The units of work in which a rule looks at 256 characters; one of the program counts as one. */
export function textWeightOf ({ name }: { readonly name?: string | undefined }): number {
  if (name === undefined) return 1
  return TEXT_WEIGHTS.get(name) ?? (RULE_WEIGHTS.has(name) ? FORMAT_TEXT_WEIGHT : 1)
}

/** Whether a rule may read all keys of an object. */
export function readsKeys ({ name }: { readonly name?: string | undefined }): boolean {
  return name === 'isNotEmptyObject'
}

import {
  Allow, IsBoolean, IsInt, IsIP, IsOptional, IsPositive, IsString, Max, Min, MinLength, ValidateBy,
  ValidateNested, type ValidationArguments
} from 'class-validator'
import { getServiceOptions, type Class } from '../decorators/metadata'
import { MAX_TIMER_MS } from '../remote/call/call-options'
import { ROUTINGS } from '../remote/balancing/routing'
import { isGroup, isOfIPv6 } from '../transport/cote/addresses'
import { isOptions } from './given-options'

type Check = (value: unknown) => boolean

const isFunction: Check = value => typeof value === 'function' && !isClass(value)
const isText: Check = value => typeof value === 'string' && value.length > 0

/** A class is a function as well, but nobody means it to be called. */
function isClass (value: unknown): value is Class {
  if (typeof value !== 'function') return false
  return getServiceOptions(value as Class) !== undefined || /^class\b/.test(Function.prototype.toString.call(value))
}

/** A rule of class-validator with its message: what the option must be. */
function Is (name: string, expected: string, validate: Check): PropertyDecorator {
  const takesClasses = expected.startsWith('a list of classes')
  const defaultMessage = (given?: ValidationArguments): string => `$property must be ${expected}` +
    (takesClasses && isClass(given?.value) ? `; put the class into one: [${given.value.name}]` : '')
  return ValidateBy({ name, validator: { validate, defaultMessage } })
}

function HasMethods (expected: string, ...methods: string[]): PropertyDecorator {
  return Is('hasMethods', expected, value =>
    value !== null && ['object', 'function'].includes(typeof value) &&
    methods.every(method => typeof (value as Record<string, unknown>)[method] === 'function'))
}

const isClassOrPath: Check = value => typeof value === 'function' || isText(value)
const isErrorClass: Check = value => typeof value === 'function' && value.prototype instanceof Error
// Not every(): it passes over holes.
const isList = (isItem: Check): Check => value => Array.isArray(value) &&
  value.findIndex(item => !isItem(item)) === -1
const orFunction = (check: Check): Check => value => isFunction(value) || check(value)
const isAddresses: Check = value => isText(value) || isList(isText)(value)
const isRouting: Check = orFunction(value => ROUTINGS.some(name => name === value))
const isServices = orFunction(isList(isClassOrPath))

/** Whole milliseconds that a timer takes, or other counts that can't be 0 and are far below. */
function IsCount (): PropertyDecorator {
  return (target, name) => {
    IsOptional()(target, name)
    IsInt()(target, name)
    IsPositive()(target, name)
    Max(MAX_TIMER_MS)(target, name)
  }
}

function IsPort (): PropertyDecorator {
  return (target, name) => {
    IsOptional()(target, name)
    IsInt()(target, name)
    Min(1)(target, name)
    Max(65535)(target, name)
  }
}

function noBroadcast ({ value }: ValidationArguments): string {
  return typeof value === 'string' && isOfIPv6(value)
    ? 'broadcast must be an address of IPv4, as IPv6 has no broadcast; ' +
      'give a group as multicast, or addresses as unicast'
    : 'broadcast must be an ip address'
}

/** Rules for `cote: { … }`. */
export class CoteOptionRules {
  @IsPort() port?: number
  @IsOptional() @IsIP(4, { message: noBroadcast }) broadcast?: string
  @IsOptional() @Is('isGroup', 'the address of a group: 239.1.2.3, or ff12::6d65', isGroup) multicast?: string
  @IsOptional() @Is('isAddresses', 'an address, or a list of them', isAddresses) unicast?: unknown
  @IsOptional() @IsString() @MinLength(1) address?: string
  @IsOptional() @IsString() environment?: string
  @IsCount() helloInterval?: number
  @IsCount() checkInterval?: number
  @IsCount() nodeTimeout?: number
  @IsPort() basePort?: number
  @IsPort() highestPort?: number
  @IsCount() maxMessageSize?: number
  @IsCount() maxBacklog?: number
  @IsCount() connectTimeout?: number
  @IsCount() idleTimeout?: number
  @IsCount() handshakeTimeout?: number
  @IsCount() maxConnectionsPerAddress?: number
  @IsCount() maxInFlightPerConnection?: number
  @IsCount() maxEventRate?: number
  @IsOptional() @IsBoolean() useHostNames?: boolean
  @IsOptional() @IsBoolean() log?: boolean
}

/** Rules for the options that the plugin and `forRoot` have in common. */
class CommonOptionRules {
  @IsOptional() @Is('isFilter', 'a list of paths, or a function', orFunction(isList(isText))) remoteServices?: unknown
  @IsOptional() @Is('isFunction', 'a function', isFunction) remoteServicePath?: unknown
  @IsOptional() @Is('isFunction', 'a function', isFunction) remoteServiceOptions?: unknown
  @IsOptional() @Is('isOptions', 'an object', isOptions) hooks?: unknown
  @IsOptional() @Is('isOptions', 'an object', isOptions) middlewares?: unknown
  @IsOptional() @IsString() @MinLength(1) key?: string
  @IsCount() timeout?: number
  @IsCount() attemptTimeout?: number
  @IsOptional() @IsInt() @Min(0) retries?: number
  @IsCount() retryDelay?: number
  @IsOptional() @Is('isRouting', `one of ${ROUTINGS.join(', ')}, or a function`, isRouting) routing?: unknown
  @IsOptional() @IsBoolean() waitForService?: boolean
  @IsOptional() @IsInt() @Min(0) maxWaiting?: number
  @IsCount() suspendAfter?: number
  @IsCount() probeInterval?: number
  @IsCount() maxInFlight?: number
  @IsCount() drainTimeout?: number
  @IsOptional() @Is('isNames', 'a list of names', isList(isText)) distributedMethods?: unknown
  @IsOptional() @Is('isNames', 'a list of names', isList(isText)) distributedEvents?: unknown
  @IsOptional() @IsBoolean() publishEvents?: boolean
  @IsOptional() @IsString() @MinLength(1) healthcheckPath?: string
  @IsOptional() @IsInt() @Min(0) publicationDelay?: number
  @IsOptional() @IsInt() @Min(0) componentDelay?: number
  @IsOptional() @IsInt() heartbeatInterval?: number
  @IsOptional() @Is('isErrors', 'a list of error classes', isList(isErrorClass)) errors?: unknown
  @IsOptional() @Is('isNames', 'a list of names', isList(isText)) headers?: unknown
  @IsOptional() @HasMethods('a transport', 'start', 'stop', 'request', 'publish') transport?: unknown
  @IsOptional() @Is('isOptions', 'an object', isOptions) @ValidateNested() cote?: unknown
  // What is wrong with these is said elsewhere: class-validator would print them.
  @Allow() secret?: unknown
  @Allow() tls?: unknown
}

/** Rules for the options of the plugin. */
export class DistributionOptionRules extends CommonOptionRules {
  @IsOptional() @Is('isFilter', 'a list of paths, or a function', orFunction(isList(isText))) services?: unknown
  @IsOptional() @Is('isPaths', 'a list of paths', isList(isText)) remotes?: unknown
  @IsOptional() @IsInt() @Min(-1) coteDelay?: number
}

/** Rules for the options of `forRoot`. */
export class ModuleOptionRules extends CommonOptionRules {
  @IsOptional() @HasMethods('a Feathers app', 'use', 'service', 'hooks', 'setup') app?: unknown
  @IsOptional() @HasMethods('a tsyringe container', 'resolve', 'register', 'createChildContainer') container?: unknown
  @IsOptional() @Is('isServices', 'a list of classes and paths, or a function', isServices) services?: unknown
  @IsOptional() @Is('isRemotes', 'a list of classes and paths', isList(isClassOrPath)) remotes?: unknown
  @IsOptional() @Is('isOptions', 'an object', isOptions) validation?: unknown
  @IsOptional() @IsBoolean() validateAtCaller?: boolean
  @IsOptional() @IsBoolean() strictContracts?: boolean
  @IsOptional() @IsBoolean() strictValidation?: boolean
  @IsOptional() @IsBoolean() insecure?: boolean
}

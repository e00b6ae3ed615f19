import type { BadRequest } from '@feathersjs/errors'
import { Type } from 'class-transformer'
import { IsOptional, IsString, registerDecorator, ValidateNested, type ValidatorOptions } from 'class-validator'
import type { Class } from 'feathers-mesh'
import { validateArguments, type DataFault } from '../../../lib/validation/validate-arguments'
import { rejection } from '../../until'

/** How often the rule of `Counted` ran. */
export const ran = { times: 0 }

function Counted (): PropertyDecorator {
  return (target, property) => registerDecorator({
    name: 'counted',
    target: target.constructor,
    propertyName: String(property),
    options: { message: '$property is bad' },
    validator: { validate: value => { ran.times++; return value !== 'bad' } }
  })
}

/** A class of a graph. */
export class Node {
  @Counted() name?: string
  @IsOptional() @ValidateNested() @Type(() => Node) left?: Node
  @IsOptional() @ValidateNested() @Type(() => Node) right?: Node
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Node) list?: Node[]
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Node) set?: Set<Node>
  @IsOptional() @ValidateNested({ each: true }) @Type(() => Node) map?: Map<string, Node>
}

/** A class of items of lists. */
export class Item {
  @IsString() name!: string
}

export async function check<T extends object> (
  type: Class<T>, data: unknown, { takesList = false, ...validation }: ValidatorOptions & { takesList?: boolean } = {}
): Promise<T> {
  return (await validateArguments('x.create()', { data: { type, takesList }, validation }, { data })).data as T
}

export async function faultsOf (type: Class<object>, data: unknown, options = {}): Promise<DataFault[]> {
  return (await rejection<BadRequest>(check(type, data, options))).errors as DataFault[]
}

import { readFileSync } from 'node:fs'
import { defineClass } from '../../class-contract/from-class'
import type { Contract } from '../../contract/contract'
import { ContractReader } from '../../contract/read-contract'
import { getServiceOptions, type Class } from '../../decorators/metadata'
import { ConfigurationError } from '../../errors'
import { messageOf } from '../../printable'
import { fieldsOf, listField } from '../../record'
import { WrongUsage } from '../arguments'

/** Loads a module of the program, of either kind. */
export type Load = (file: string) => Promise<unknown>

/**
 * The contracts of the decorated classes that a module exports.
 *
 * @throws {@link WrongUsage} where it can't be loaded, or exports none; {@link ConfigurationError} for wrong classes
 */
export async function contractsOfModule (file: string, load: Load): Promise<Contract[]> {
  const definitions = (await classesOf(file, load)).map(defineClass)
  const faults = definitions.flatMap(each => each.faults)
  if (faults.length > 0) throw new ConfigurationError(faults)
  return sorted(definitions.map(({ contract }) => contract))
}

/** The contracts in a file that `contracts export` wrote. @throws {@link WrongUsage} */
export function contractsOfFile (file: string): Contract[] {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new WrongUsage(`${file} can't be read: ${messageOf(error)}`)
  }
  const list = listField(fieldsOf(document), 'contracts')
  if (list === undefined) throw new WrongUsage(`${file} is no list of contracts; write one with contracts export`)
  return list.map(item => {
    // A reader for each: it merges those of one path, and several keys may have it.
    const contract = new ContractReader().read(item)
    if (contract === undefined) throw new WrongUsage(`${file} has a contract that can't be read; write it anew`)
    return contract
  })
}

/** Each contract once, in the order of the paths, so that two exports can be compared. */
export function sorted (contracts: readonly Contract[]): Contract[] {
  const unique = new Map(contracts.map(contract => [JSON.stringify(contract), contract]))
  return [...unique].sort(([a], [b]) => a < b ? -1 : 1).map(([, contract]) => contract)
    .sort((a, b) => a.path < b.path ? -1 : Number(a.path > b.path))
}

async function classesOf (file: string, load: Load): Promise<Class[]> {
  let exported: unknown
  try {
    exported = await load(file)
  } catch (error) {
    throw new WrongUsage(`${file} can't be loaded: ${messageOf(error)}`)
  }
  const { default: whole } = fieldsOf(exported)
  const values = [...Object.values(fieldsOf(exported)), ...Object.values(fieldsOf(whole))]
  const classes = [...new Set(values)].filter(isDistributed)
  if (classes.length === 0) throw new WrongUsage(`${file} exports no class with @Distributed`)
  return classes
}

function isDistributed (value: unknown): value is Class {
  // Only a class has the metadata of one.
  return typeof value === 'function' && getServiceOptions(value as unknown as Class) !== undefined
}

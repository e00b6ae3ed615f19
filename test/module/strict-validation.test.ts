import { Type } from 'class-transformer'
import { IsString, ValidateNested } from 'class-validator'
import { ConfigurationError, Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'
import { memoryMesh } from '../memory-mesh'

const mesh = memoryMesh()

class Title {
  @IsString() title!: string
}

class Free {
  title!: string
}

interface Shape { title: string }

function faults (services: Array<abstract new () => object>, options = {}): readonly string[] {
  try {
    mesh.node({ services, ...options })
    return []
  } catch (error) {
    return error instanceof ConfigurationError ? error.faults : [String(error)]
  }
}

describe('strictValidation', () => {
  @Distributed('loose')
  class Loose {
    @DistributedMethod() async create (data: Shape): Promise<void> { void data }
    @DistributedMethod() async update (_id: number, data: Title[]): Promise<void> { void data }
    @DistributedMethod() async patch (_id: number, data: Partial<Title>): Promise<void> { void data }
    @DistributedMethod() async count (data: number): Promise<void> { void data }
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    @DistributedMethod() async any (data: any): Promise<void> { void data }
    @DistributedMethod() async free (data: Free): Promise<void> { void data }
    @DistributedMethod({ data: Object }) async meant (data: object): Promise<void> { void data }
    @DistributedMethod({ data: Title }) async list (data: Title | Title[]): Promise<void> { void data }
    @DistributedMethod() async good (data: Title): Promise<void> { void data }
    @DistributedMethod() async none (): Promise<void> {}
    @DistributedMethod() async find (): Promise<void> {}
  }

  it('refuses each method with unvalidated data, and names the remedy', () => {
    const found = faults([Loose], { strictValidation: true })
    expect(found.map(fault => fault.split(':')[0])).toEqual(
      ['create', 'update', 'patch', 'count', 'any', 'free'].map(name => `Loose#${name}`))
    expect(found[0]).toMatch(/strictValidation is on, and the type of data is no class.*{ data: TheClass }/)
    expect(found[5]).toContain('Free, the class of data, has no rules of class-validator')
  })

  it('is off by default, when such methods only cause a warning', () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(faults([Loose])).toEqual([])
    expect(warnings).toHaveBeenCalledTimes(1)
    warnings.mockRestore()
  })
})

describe('a @ValidateNested rule', () => {
  class Open {
    @ValidateNested() title!: Title
  }
  class Id {
    @IsString() id!: string
    @ValidateNested() title!: Title
  }
  class Closed {
    @ValidateNested() @Type(() => Title) title!: Title
  }

  it('is refused when nothing names its class, wherever the class with the rule is used', () => {
    @Distributed('data') class Data { @DistributedMethod() async create (data: Open): Promise<void> { void data } }
    @Distributed('query') class Query { @DistributedMethod({ query: Open }) async find (): Promise<void> {} }
    @Distributed('id') class Ids { @DistributedMethod({ id: Id }) async get (id: string): Promise<void> { void id } }
    @Distributed('result') class Result { @DistributedMethod({ result: Open }) async find (): Promise<void> {} }
    @Distributed('payload')
    class Payload {
      @DistributedMethod() async find (): Promise<void> {}
      @DistributedEvent({ payload: Open }) readonly done!: ServiceEvent<Open>
    }
    for (const service of [Data, Query, Ids, Result, Payload]) {
      expect([service.name, faults([service])]).toEqual([service.name, [expect.stringMatching(
        new RegExp(`^${service.name}#\\w+: (Open|Id)#title has @ValidateNested`))]])
      expect(faults([], { remotes: [service] })).toHaveLength(1)
    }
  })

  it('is accepted when @Type names its class', () => {
    @Distributed('closed')
    class Service { @DistributedMethod() async create (data: Closed): Promise<void> { void data } }
    expect(faults([Service], { strictValidation: true })).toEqual([])
  })
})

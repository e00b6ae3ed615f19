/** A service with classes for all of its data, in two versions. */
import type { Params } from '@feathersjs/feathers'
import { Type } from 'class-transformer'
import { IsInt, IsOptional, IsString, Length, Max, ValidateNested } from 'class-validator'
import { Distributed, DistributedEvent, DistributedMethod, type ServiceEvent } from 'feathers-mesh'

export class Author {
  @IsString() name!: string
}

export class CreateNote {
  @IsString() @Length(1, 20) text!: string
  @ValidateNested() @Type(() => Author) author!: Author
  due?: Date
  scan?: Buffer
  tags?: Map<string, number>
}

class CreateNote2 extends CreateNote {
  @IsInt() priority!: number
}

export class NotesQuery {
  @IsOptional() @IsInt() @Max(10) @Type(() => Number) limit?: number
}

export class Note {
  id!: number
  text!: string
  @Type(() => Author) author?: Author
  due?: Date
  scan?: Buffer
  tags?: Map<string, number>
  get title (): string { return `#${this.id} ${this.text}` }
}

/** The classes of a received value, in a form that can be sent to a test. */
export function classesOf (value: object): Record<string, string> {
  const nameOf = (item: unknown): string => (item as object).constructor.name
  const fields = Object.entries(value).filter(([, item]) => typeof item === 'object' && item !== null)
  return { itself: nameOf(value), ...Object.fromEntries(fields.map(([name, item]) => [name, nameOf(item)])) }
}

@Distributed({ path: 'notes', version: '1.0.0', validation: { stopAtFirstError: false } })
export class NotesService {
  @DistributedEvent({ payload: Note }) readonly written!: ServiceEvent<Note>

  @DistributedMethod({ query: NotesQuery, result: Note })
  async find (params?: Params): Promise<Note[]> {
    return [this.note({ text: `limit ${typeof params?.query?.limit}` })]
  }

  @DistributedMethod({ id: Number, result: Note })
  async get (id: number): Promise<Note> {
    return this.note({ text: typeof id, id })
  }

  @DistributedMethod({ result: Note })
  async create (data: CreateNote): Promise<Note> {
    const note = this.note({ ...data, text: JSON.stringify(classesOf(data)) })
    this.written.emit(note)
    return note
  }

  @DistributedMethod({ idempotent: true })
  async version (): Promise<string> {
    return '1.0.0'
  }

  /** As a database gives it: no instance. */
  private note (fields: Partial<Note>): Note {
    return { id: 1, ...fields } as Note
  }
}

/** The next version. */
@Distributed({ path: 'notes', version: '2.0.0' })
export class NextNotesService extends NotesService {
  @DistributedMethod({ data: CreateNote2, result: Note })
  override async create (data: CreateNote2): Promise<Note> {
    return await super.create(data)
  }

  @DistributedMethod()
  override async version (): Promise<string> {
    return '2.0.0'
  }
}

import { Type } from 'class-transformer'
import { IsArray, IsInt, IsPositive, IsString, Length, ValidateNested } from 'class-validator'

export interface Todo {
  readonly id: number
  readonly title: string
  readonly count: number
  readonly done: boolean
}

export class Line {
  @IsString() sku!: string
  @IsInt() @IsPositive() quantity!: number
}

export class CreateTodo {
  @IsString() @Length(1, 200) title!: string
  @IsArray() @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[]
}

export class CompleteTodo {
  @IsInt() id!: number
}

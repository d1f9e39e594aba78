export interface Zone {
  readonly serial: number
}

declare namespace App {
  type PortcullisLocals = import('portcullis/astro').SessionLocals
  interface Locals extends PortcullisLocals {}
}

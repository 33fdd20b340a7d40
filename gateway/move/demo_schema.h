/* demo_schema: the tables and indexes of the demo, for going back to a file that is not there any more. */
#ifndef YOGI_MOVE_DEMO_SCHEMA_H
#define YOGI_MOVE_DEMO_SCHEMA_H

extern const char demo_schema[];

#endif

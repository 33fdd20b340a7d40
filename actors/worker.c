#include "actors/stage.h"
int main(void)
{
    return stage_ocr.run == NULL;
}

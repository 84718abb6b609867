plugins {
    `application`
}
